import Diagnostics
public import Tensors

/// The boxes that survive greedy suppression, as rows (batch, class, box).
///
/// Operands: boxes `[N, B, 4]`, scores `[N, C, B]`, and as scalars (optional): the most boxes
/// per class, the overlap above which a box goes, the score that it must exceed.
/// Source: ONNX NonMaxSuppression, opset 11.
public struct NonMaxSuppression: Operator {
  /// The ONNX `op_type`.
  public static let name = "NonMaxSuppression"
  /// Whether a box is (centre x, centre y, width, height) instead of two corners (y, x, y, x).
  public let isCenterForm: Bool
  /// Creates the operator.
  public init(isCenterForm: Bool = false) { self.isCenterForm = isCenterForm }
  /// Reads `center_point_box`.
  public init(attributes: Attributes, outputCount: Int) throws {
    isCenterForm = try attributes.int("center_point_box", default: 0) != 0
  }
  /// `center_point_box`.
  public var attributes: [String: Attribute] { ["center_point_box": .int(isCenterForm ? 1 : 0)] }

  /// `[?, 3]` of int64.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let boxes: TensorType = try inputs.required(0, of: Self.name).type
    let scores: TensorType = try inputs.required(1, of: Self.name).type
    guard boxes.rank == 3, scores.rank == 3, (boxes.dimensions[2].value ?? 4) == 4,
      boxes.scalarType == .float32, scores.scalarType == .float32
    else {
      throw DeployError.operand("NonMaxSuppression does not take \(boxes) with scores \(scores)")
    }
    _ = try boxes.dimensions[0].merged(with: scores.dimensions[0])
    _ = try boxes.dimensions[1].merged(with: scores.dimensions[2])
    for index in 2...4 {
      if let type = inputs.optional(index)?.type { try checkScalar(type, of: Self.name) }
    }
    return [TensorType(.int64, [.unknown, 3])]
  }

  /// By batch, class and falling score; of equal scores the first box comes first.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let operands = inputs.map { tensor in
      tensor.map { Operand(type: TensorType($0.scalarType, $0.shape), constant: $0) }
    }
    _ = try outputTypes(for: operands)
    let scores: Tensor = try inputs.required(1, of: Self.name)
    let values = try scores.floats()
    let corners = try corners(inputs.required(0, of: Self.name).floats())
    let limit = try (inputs.optional(2) as Tensor?)?.wholes().first ?? 0
    let overlap = try (inputs.optional(3) as Tensor?)?.floats().first ?? 0
    let threshold = try (inputs.optional(4) as Tensor?)?.floats().first
    let count = scores.shape[2]
    var rows: [Int64] = []
    for list in 0..<(scores.shape[0] * scores.shape[1]) {
      let (batch, label) = (list / scores.shape[1], list % scores.shape[1])
      let own = values[(list * count)..<((list + 1) * count)]
      let first = own.startIndex
      let order = (0..<count)
        .filter { box in threshold.map { own[first + box] > $0 } ?? true }
        .sorted { (own[first + $0], $1) > (own[first + $1], $0) }
      var kept: [Int] = []
      for box in order where Int64(kept.count) < limit {
        let candidate = corners[batch * count + box]
        if kept.allSatisfy({ corners[batch * count + $0].overlap(candidate) <= overlap }) {
          kept.append(box)
        }
      }
      rows += kept.flatMap { [Int64(batch), Int64(label), Int64($0)] }
    }
    return [try Tensor(rows, shape: [rows.count / 3, 3])]
  }

  private func corners(_ values: [Float]) -> [Corners] {
    stride(from: 0, to: values.count - values.count % 4, by: 4).map { start in
      let (a, b, c, d) = (values[start], values[start + 1], values[start + 2], values[start + 3])
      if isCenterForm {
        return Corners(left: a - c / 2, top: b - d / 2, right: a + c / 2, bottom: b + d / 2)
      }
      return Corners(left: min(b, d), top: min(a, c), right: max(b, d), bottom: max(a, c))
    }
  }
}

/// A box by its corners.
private struct Corners {
  let left: Float
  let top: Float
  let right: Float
  let bottom: Float

  var area: Float { (right - left) * (bottom - top) }

  /// Intersection over union; 0 where either is empty.
  func overlap(_ other: Corners) -> Float {
    let width = min(right, other.right) - max(left, other.left)
    let height = min(bottom, other.bottom) - max(top, other.top)
    guard width > 0, height > 0, area > 0, other.area > 0 else { return 0 }
    return width * height / (area + other.area - width * height)
  }
}
