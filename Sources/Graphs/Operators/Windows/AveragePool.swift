import Diagnostics
public import Tensors

/// The mean of each window. X `[N, C, …]`. Source: ONNX AveragePool, opset 19.
public struct AveragePool: Operator {
  /// The ONNX `op_type`.
  public static let name = "AveragePool"
  /// The window that slides over the spatial axes.
  public let window: Window
  /// Whether the number of positions is rounded up.
  public let ceilMode: Bool
  /// Whether the padding counts as elements of zero.
  public let countsPadding: Bool

  /// Creates the operator. Empty lists stand for all ones (pads: zeros).
  public init(
    kernelShape: [Int],
    strides: [Int] = [],
    pads: [Int] = [],
    dilations: [Int] = [],
    ceilMode: Bool = false,
    countsPadding: Bool = false,
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
    self.countsPadding = countsPadding
  }
  /// Reads `kernel_shape`, `strides`, `pads`, `dilations`, `auto_pad`, `ceil_mode`,
  /// `count_include_pad`.
  public init(attributes: Attributes, outputCount: Int) throws {
    window = try Window(attributes)
    ceilMode = try attributes.int("ceil_mode", default: 0) != 0
    countsPadding = try attributes.int("count_include_pad", default: 0) != 0
  }
  /// As ONNX names them.
  public var attributes: [String: Attribute] {
    var result = window.attributes
    if ceilMode { result["ceil_mode"] = .int(1) }
    if countsPadding { result["count_include_pad"] = .int(1) }
    return result
  }

  /// `[N, C, …]`.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: false)
    return [try window.pooled(x, roundingUp: ceilMode)]
  }

  /// The mean along each axis in turn: a window's count is the product of the axes' counts.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    var result = try x.converted(to: .float64)
    for (axis, along) in try window.axes(rank: x.shape.rank - 2).enumerated() {
      let (extent, positions) = (x.shape[axis + 2], shape[axis + 2])
      let taps = try along.coordinates(extent: extent, positions: positions)
      let counts = taps.indices.map { position in
        countsPadding
          ? along.paddedCount(at: position, extent: extent)
          : taps[position].count { $0 >= 0 }
      }
      result = try result.pooled(along: axis + 2, taps, from: 0, +)
      let scales = try Tensor(
        counts.map { 1 / Double($0) },
        shape: Shape([counts.count] + [Int](repeating: 1, count: shape.rank - axis - 3))
      )
      result = try result.combineReals(scales, shape: result.shape, *)
    }
    return [try result.converted(to: x.scalarType)]
  }

  /// One addition per tap.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    saturatingProduct([elementCount(outputs.first)] + window.kernelShape.map { Int64($0) })
  }
  /// Sums in another order.
  public var tolerance: Tolerance { .rounding }
}

extension WindowAxis {
  /// The taps of a position that lie in the input or its padding (not beyond it, where the count
  /// of positions was rounded up).
  fileprivate func paddedCount(at position: Int, extent: Int) -> Int {
    let (begin, end) = padding(of: extent)
    let room = extent + begin + end - position * stride
    return min(kernel, max(0, (room + dilation - 1) / dilation))
  }
}
