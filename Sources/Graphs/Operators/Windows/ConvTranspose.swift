import Diagnostics
public import Tensors

/// The adjoint of convolution: every element of X adds a multiple of the kernel to the result.
///
/// Operands: X `[N, C, …]`, W `[C, M / groups, …]`, B `[M]` (optional).
/// Source: ONNX ConvTranspose, opset 11.
public struct ConvTranspose: Operator {
  /// The ONNX `op_type`.
  public static let name = "ConvTranspose"
  /// The window, sliding over the result.
  public let window: Window
  /// How many groups the channels fall into.
  public let groups: Int
  /// Positions added to the end of each axis; empty for none.
  public let outputPadding: [Int]

  /// Creates the operator. Empty lists stand for all ones (pads, output padding: zeros).
  public init(
    kernelShape: [Int] = [],
    strides: [Int] = [],
    pads: [Int] = [],
    dilations: [Int] = [],
    groups: Int = 1,
    outputPadding: [Int] = [],
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
    self.outputPadding = outputPadding
  }
  /// Reads `kernel_shape`, `strides`, `pads`, `dilations`, `group`, `output_padding`, `auto_pad`.
  public init(attributes: Attributes, outputCount: Int) throws {
    guard !attributes.has("output_shape") else {
      throw DeployError.attribute("ConvTranspose with output_shape is not supported")
    }
    window = try Window(attributes)
    groups = try attributes.int("group", default: 1)
    outputPadding = try attributes.ints("output_padding") ?? []
  }
  /// As ONNX names them.
  public var attributes: [String: Attribute] {
    var result = window.attributes
    result["group"] = .int(Int64(groups))
    if !outputPadding.isEmpty { result["output_padding"] = .ints(outputPadding.map(Int64.init)) }
    return result
  }

  /// `[N, M, …]`: (extent - 1) · stride + span + output padding - pads.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    let w: TensorType = try inputs.required(1, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: false)
    try checkSame(x.scalarType, w.scalarType, of: Self.name)
    guard x.rank >= 3, w.rank == x.rank, let weights = w.shape, groups > 0, groups <= 1 << 24,
      weights[0] % groups == 0, weights[1] <= 1 << 24
    else {
      throw DeployError.operand("ConvTranspose in \(groups) groups does not take \(x) and \(w)")
    }
    _ = try x.dimensions[1].merged(with: w.dimensions[0])
    let filters = Dimension.fixed(weights[1] * groups)
    if let bias = inputs.optional(2)?.type {
      try checkSame(x.scalarType, bias.scalarType, of: Self.name)
      guard bias.rank == 1 else { throw DeployError.operand("B must have rank 1, not \(bias)") }
      _ = try bias.dimensions[0].merged(with: filters)
    }
    let spatial = try zip(axes(weights), x.dimensions.dropFirst(2)).map { axis, extent in
      guard let value = extent.value else { return Dimension.unknown }
      let total = axis.extent(value)
      guard total > 0 else { throw DeployError.operand("ConvTranspose of \(x) has no result") }
      return .fixed(total)
    }
    return [TensorType(x.scalarType, [x.dimensions[0], filters] + spatial)]
  }

  private func axes(_ weights: Shape) throws -> [TransposedAxis] {
    let kernel = Array(weights.dimensions.dropFirst(2))
    let extra = outputPadding.isEmpty ? [Int](repeating: 0, count: kernel.count) : outputPadding
    guard extra.count == kernel.count, extra.allSatisfy({ $0 >= 0 && $0 < 1 << 24 }) else {
      throw DeployError.attribute("output_padding \(extra) does not fit \(kernel.count) axes")
    }
    return try zip(window.axes(rank: kernel.count, kernel: kernel), extra).map {
      TransposedAxis(window: $0, extra: $1)
    }
  }

  /// Adds in double precision, over channels in order.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let w: Tensor = try inputs.required(1, of: Self.name)
    let area = shape.dimensions.dropFirst(2).reduce(1, *)
    let bias = try (inputs.optional(2) as Tensor?)?.reals()
    var values = [Double](repeating: 0, count: shape.count)
    if let bias {
      for index in values.indices { values[index] = bias[index / area % shape[1]] }
    }
    let (source, weights) = (try x.reals(), try w.reals())
    let (depth, filters) = (x.shape[1] / groups, w.shape[1])
    let taps = w.shape.dimensions.dropFirst(2).reduce(1, *)
    let targets = try targets(x.shape, w.shape, shape)
    for batch in 0..<x.shape[0] {
      for channel in 0..<x.shape[1] {
        let plane = (batch * x.shape[1] + channel) * (targets.count / max(1, taps))
        for filter in 0..<filters {
          let row = batch * shape[1] + channel / depth * filters + filter
          let kernel = (channel * filters + filter) * taps
          for index in targets.indices where targets[index] >= 0 {
            values[row * area + targets[index]] +=
              source[plane + index / taps] * weights[kernel + index % taps]
          }
        }
      }
    }
    return [try Tensor(reals: values, shape: shape, as: x.scalarType)]
  }

  /// For each position of X and tap, the offset into one channel of the result, or -1.
  private func targets(_ x: Shape, _ w: Shape, _ y: Shape) throws -> [Int] {
    let strides = y.strides
    let tables = try axes(w).enumerated().map { index, axis -> [[Int]] in
      (0..<x[index + 2]).map { position in
        axis.coordinates(position, input: x[index + 2], within: y[index + 2]).map {
          $0 < 0 ? -1 : $0 * strides[index + 2]
        }
      }
    }
    var result: [Int] = []
    for position in 0..<x.dimensions.dropFirst(2).reduce(1, *) {
      var rest = position
      var lists: [[Int]] = []
      for table in tables.reversed() {
        lists.append(table[rest % table.count])
        rest /= table.count
      }
      forEachOffset(lists.reversed()[...]) { result.append($0) }
    }
    return result
  }

  /// One per element of X, filter of its group and tap.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    guard inputs.count > 1, let w = inputs[1]?.shape else { return 0 }
    return saturatingProduct(
      [elementCount(inputs[0])] + w.dimensions.dropFirst().map { Int64($0) }
    )
  }
  /// Sums in another order.
  public var tolerance: Tolerance { .rounding }
}

/// A window along one axis of the result.
private struct TransposedAxis {
  let window: WindowAxis
  let extra: Int

  /// The extent of the result.
  func extent(_ input: Int) -> Int {
    let full = (input - 1) * window.stride + window.span + extra
    switch window.autoPad {
    case .explicit: return full - window.begin - window.end
    case .valid: return full
    case .sameUpper, .sameLower: return input * window.stride
    }
  }

  /// What is cut off at the beginning.
  private func begin(_ input: Int) -> Int {
    switch window.autoPad {
    case .explicit: return window.begin
    case .valid: return 0
    case .sameUpper, .sameLower:
      let total = max(0, (input - 1) * window.stride + window.span + extra - extent(input))
      return window.autoPad == .sameUpper ? total / 2 : total - total / 2
    }
  }

  /// Where each tap of an input position lands, -1 outside.
  func coordinates(_ position: Int, input: Int, within extent: Int) -> [Int] {
    let start = position * window.stride - begin(input)
    return (0..<window.kernel).map { tap in
      let coordinate = start + tap * window.dilation
      return coordinate >= 0 && coordinate < extent ? coordinate : -1
    }
  }
}
