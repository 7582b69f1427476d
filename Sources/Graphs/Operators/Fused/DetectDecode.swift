import Diagnostics
import Glibc
public import Tensors

/// One head of YOLOv5's detection, from logits to boxes in input pixels.
///
/// Operand: the head's logits `[N, A · F, H, W]` with F fields for each of A anchors: box centre
/// (2), box size (2), objectness, classes, and mask coefficients where there are any. Result
/// `[N, A · H · W, F]`:
///
///     centre = (2 · sigmoid(t) + (x, y) - 0.5) · stride
///     size   = (2 · sigmoid(t))² · anchor
///     rest   = sigmoid(t), mask coefficients as they are
///
/// Source: YOLOv5 v7.0 `models/yolo.py`, `Detect.forward`, `Segment.forward`. Not an ONNX operator:
/// engines of our own run it.
public struct DetectDecode: Operator {
  /// Ours; no ONNX `op_type`.
  public static let name = "DetectDecode"
  /// Input pixels per cell, along x and along y.
  public let strides: [Float]
  /// Width and height of each anchor in input pixels, one after the other: `[A · 2]`.
  public let anchors: [Float]
  /// The number of fields, from the first, that a sigmoid is applied to.
  public let sigmoidFields: Int

  /// Creates the operator.
  public init(strides: [Float], anchors: [Float], sigmoidFields: Int) {
    self.strides = strides
    self.anchors = anchors
    self.sigmoidFields = sigmoidFields
  }

  /// Reads what ``attributes`` gives: plans hold it, ONNX files do not.
  public init(attributes: Attributes, outputCount: Int) throws {
    strides = try attributes.floats("strides") ?? []
    anchors = try attributes.floats("anchors") ?? []
    sigmoidFields = try attributes.int("sigmoid_fields", default: 0)
    guard strides.count == 2, !anchors.isEmpty, anchors.count % 2 == 0 else {
      throw DeployError.attribute("strides \(strides) and anchors \(anchors) are no head's")
    }
  }

  /// The numbers that it was made with.
  public var attributes: [String: Attribute] {
    [
      "strides": .floats(strides), "anchors": .floats(anchors),
      "sigmoid_fields": .int(Int64(sigmoidFields)),
    ]
  }

  /// `[N, A · H · W, F]`, in single precision.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let count = anchors.count / 2
    guard x.rank == 4, count > 0, (x.dimensions[1].value ?? count) % count == 0 else {
      throw DeployError.operand("\(x) is no head of \(count) anchors")
    }
    var cells = Dimension.unknown
    if let height = x.dimensions[2].value, let width = x.dimensions[3].value {
      cells = .fixed(count * height * width)
    }
    let fields = x.dimensions[1].value.map { Dimension.fixed($0 / count) } ?? .unknown
    return [TensorType(.float32, [x.dimensions[0], cells, fields])]
  }

  /// In double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let logits = try x.floats()
    let (height, width, fields) = (x.shape[2], x.shape[3], shape[2])
    let count = anchors.count / 2
    var result = [Float](repeating: 0, count: shape.count)
    for row in 0..<(shape[0] * shape[1]) {
      let cell = row % (height * width)
      let block = row / (height * width)  // picture · anchor
      let place = (Float(cell % width), Float(cell / width))
      for field in 0..<fields {
        let logit = logits[(block * fields + field) * height * width + cell]
        let anchor = anchors[(block % count) * 2 + field % 2]
        result[row * fields + field] = decoded(logit, field, place, anchor)
      }
    }
    return [try Tensor(result, shape: shape)]
  }

  private func decoded(_ t: Float, _ field: Int, _ cell: (Float, Float), _ anchor: Float)
    -> Float
  {
    guard field < sigmoidFields else { return t }
    let sigmoid = 1 / (1 + exp(-Double(t)))
    switch field {
    case 0: return Float((2 * sigmoid + Double(cell.0) - 0.5) * Double(strides[0]))
    case 1: return Float((2 * sigmoid + Double(cell.1) - 0.5) * Double(strides[1]))
    case 2, 3: return Float(4 * sigmoid * sigmoid * Double(anchor))
    default: return Float(sigmoid)
    }
  }

  /// About four per element.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    saturatingProduct([elementCount(outputs.first), 4])
  }
  /// Another exponential.
  public var tolerance: Tolerance { .rounding }
}
