import Diagnostics
public import Tensors

/// The largest element of each window. X `[N, C, …]`. Source: ONNX MaxPool, opset 21; the
/// second result (indices) is not supported.
public struct MaxPool: Operator {
  /// The ONNX `op_type`.
  public static let name = "MaxPool"
  /// The window that slides over the spatial axes.
  public let window: Window
  /// Whether the number of positions is rounded up.
  public let ceilMode: Bool

  /// Creates the operator. Empty lists stand for all ones (pads: zeros).
  public init(
    kernelShape: [Int],
    strides: [Int] = [],
    pads: [Int] = [],
    dilations: [Int] = [],
    ceilMode: Bool = false,
    autoPad: AutoPadding = .explicit
  ) {
    window = Window(
      kernelShape: kernelShape,
      strides: strides,
      pads: pads,
      dilations: dilations,
      autoPad: autoPad
    )
    self.ceilMode = ceilMode
  }
  /// Reads `kernel_shape`, `strides`, `pads`, `dilations`, `auto_pad`, `ceil_mode`.
  public init(attributes: Attributes, outputCount: Int) throws {
    guard outputCount <= 1 else {
      throw DeployError.attribute("MaxPool's indices are not supported")
    }
    window = try Window(attributes)
    ceilMode = try attributes.int("ceil_mode", default: 0) != 0
  }
  /// As ONNX names them.
  public var attributes: [String: Attribute] {
    window.attributes.merging(ceilMode ? ["ceil_mode": .int(1)] : [:]) { $1 }
  }

  /// `[N, C, …]`.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: true)
    return [try window.pooled(x, roundingUp: ceilMode)]
  }

  /// The largest along each axis in turn.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    var result = try x.converted(to: .float64)
    for (axis, along) in try window.axes(rank: x.shape.rank - 2).enumerated() {
      let taps = try along.coordinates(extent: x.shape[axis + 2], positions: shape[axis + 2])
      result = try result.pooled(along: axis + 2, taps, from: -.infinity) { max($0, $1) }
    }
    return [try result.converted(to: x.scalarType)]
  }

  /// One comparison per tap.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    saturatingProduct([elementCount(outputs.first)] + window.kernelShape.map { Int64($0) })
  }
}

extension Window {
  /// The type of a pooled operand.
  func pooled(_ x: TensorType, roundingUp: Bool) throws -> TensorType {
    guard x.rank >= 3 else { throw DeployError.operand("pooling needs rank 3 or more, not \(x)") }
    let spatial = try zip(axes(rank: x.rank - 2), x.dimensions.dropFirst(2)).map {
      try $0.positions(over: $1, roundingUp: roundingUp)
    }
    return TensorType(x.scalarType, x.dimensions.prefix(2) + spatial)
  }
}

extension Tensor {
  /// Doubles combined over the taps of each position along one axis; taps of -1 are left out.
  func pooled(
    along axis: Int,
    _ taps: [[Int]],
    from start: Double,
    _ combine: (Double, Double) -> Double
  ) throws -> Tensor {
    var extents = shape.dimensions
    let extent = extents[axis]
    let outer = extents[..<axis].reduce(1, *)
    let inner = extents[(axis + 1)...].reduce(1, *)
    extents[axis] = taps.count
    return try withScalars(of: Double.self) { x in
      Tensor(shape: Shape(extents), of: Double.self) { y in
        var position = 0
        for block in 0..<outer {
          for list in taps {
            for lane in 0..<inner { y[position + lane] = start }
            for tap in list where tap >= 0 {
              let base = (block * extent + tap) * inner
              for lane in 0..<inner {
                y[position + lane] = combine(y[position + lane], x[base + lane])
              }
            }
            position += inner
          }
        }
      }
    }
  }
}
