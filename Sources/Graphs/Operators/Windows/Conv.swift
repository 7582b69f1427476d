import Diagnostics
public import Tensors

/// Convolution (cross-correlation) over any number of spatial axes.
///
/// Operands: X `[N, C, …]`, W `[M, C / groups, …]`, B `[M]` (optional); result `[N, M, …]`.
/// Source: ONNX Conv, opset 21.
public struct Conv: Operator {
  /// The ONNX `op_type`.
  public static let name = "Conv"
  /// The window that slides over the spatial axes.
  public let window: Window
  /// How many groups the channels fall into.
  public let groups: Int

  /// Creates the operator. Empty lists stand for all ones (pads: zeros).
  public init(
    kernelShape: [Int] = [],
    strides: [Int] = [],
    pads: [Int] = [],
    dilations: [Int] = [],
    groups: Int = 1,
    autoPad: AutoPadding = .explicit
  ) {
    window = Window(
      kernelShape: kernelShape,
      strides: strides,
      pads: pads,
      dilations: dilations,
      autoPad: autoPad
    )
    self.groups = groups
  }

  /// Reads `kernel_shape`, `strides`, `pads`, `dilations`, `group`, `auto_pad`.
  public init(attributes: Attributes, outputCount: Int) throws {
    window = try Window(attributes)
    groups = try attributes.int("group", default: 1)
  }

  /// As ONNX names them.
  public var attributes: [String: Attribute] {
    window.attributes.merging(["group": .int(Int64(groups))]) { $1 }
  }

  /// `[N, M, …]`.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let w: TensorType = try inputs.required(1, of: Self.name).type
    let bias = inputs.optional(2)?.type
    try checkElements(x.scalarType, of: Self.name, integers: false)
    try checkSame(x.scalarType, w.scalarType, of: Self.name)
    guard x.rank >= 3, w.rank == x.rank else {
      throw DeployError.operand("Conv needs X and W of one rank of at least 3, not \(x) and \(w)")
    }
    guard groups > 0 else { throw DeployError.attribute("group \(groups) is not positive") }
    if let channels = x.dimensions[1].value, let depth = w.dimensions[1].value {
      guard channels % groups == 0, channels / groups == depth else {
        throw DeployError.operand("X \(x) has no \(groups) groups of the channels of W \(w)")
      }
    }
    let filters = w.dimensions[0]
    guard (filters.value ?? groups) % groups == 0 else {
      throw DeployError.operand("W \(w) does not fall into \(groups) groups")
    }
    if let bias {
      try checkSame(x.scalarType, bias.scalarType, of: Self.name)
      guard bias.rank == 1 else { throw DeployError.operand("B must have rank 1, not \(bias)") }
      _ = try bias.dimensions[0].merged(with: filters)
    }
    return [TensorType(x.scalarType, [x.dimensions[0], filters] + (try spatial(x, w)))]
  }

  private func spatial(_ x: TensorType, _ w: TensorType) throws -> [Dimension] {
    let stated = window.kernelShape.isEmpty ? nil : window.kernelShape
    let kernel = try w.dimensions.dropFirst(2).enumerated().map { axis, extent -> Int? in
      guard let value = extent.value else {
        return stated.flatMap { axis < $0.count ? $0[axis] : nil }
      }
      guard value > 0 else { throw DeployError.operand("W has an empty kernel") }
      return value
    }
    let known = kernel.compactMap { $0 }
    guard known.count == kernel.count else { return kernel.map { _ in .unknown } }
    let axes = try window.axes(rank: kernel.count, kernel: known)
    return try zip(axes, x.dimensions.dropFirst(2)).map { try $0.positions(over: $1) }
  }

  /// The sum over channels, then taps, in that order, in single precision (double for double).
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let w: Tensor = try inputs.required(1, of: Self.name)
    let kernel = Array(w.shape.dimensions.dropFirst(2))
    let plan = try ConvolutionPlan(
      x: x.shape,
      w: w.shape,
      y: shape,
      axes: window.axes(rank: kernel.count, kernel: kernel),
      groups: groups
    )
    let bias: Tensor? = inputs.optional(2)
    let wide: ScalarType = x.scalarType == .float64 ? .float64 : .float32
    let operands = (try x.converted(to: wide), try w.converted(to: wide))
    let result =
      wide == .float64
      ? try plan.runDouble(operands.0, operands.1, bias?.converted(to: wide))
      : try plan.runFloat(operands.0, operands.1, bias?.converted(to: wide))
    return [try result.converted(to: x.scalarType)]
  }

  /// Every result takes one per channel of its group and tap.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    guard inputs.count > 1, let w = inputs[1]?.shape else { return 0 }
    return saturatingProduct(
      [elementCount(outputs.first)] + w.dimensions.dropFirst().map { Int64($0) }
    )
  }
  /// Sums in another order.
  public var tolerance: Tolerance { .rounding }
}
