import Diagnostics
public import Tensors

/// An operator that reduces axes to one number each. Operands: data, axes (optional: all, or
/// none with `noop_with_empty_axes`).
public protocol Reduction: Operator {
  /// Whether the reduced axes stay, with extent 1.
  var keepsAxes: Bool { get }
  /// Whether no axes means that every element is reduced by itself.
  var isNoopWithoutAxes: Bool { get }
  /// Creates the operator.
  init(keepsAxes: Bool, isNoopWithoutAxes: Bool)
  /// One number from the elements, in order.
  func reduce(_ elements: ArraySlice<Double>) -> Double
}

extension Reduction {
  /// Reads `keepdims` and `noop_with_empty_axes`.
  public init(attributes: Attributes, outputCount: Int) throws {
    self.init(
      keepsAxes: try attributes.int("keepdims", default: 1) != 0,
      isNoopWithoutAxes: try attributes.int("noop_with_empty_axes", default: 0) != 0
    )
  }
  /// `keepdims` and `noop_with_empty_axes`.
  public var attributes: [String: Attribute] {
    var result: [String: Attribute] = ["keepdims": .int(keepsAxes ? 1 : 0)]
    if isNoopWithoutAxes { result["noop_with_empty_axes"] = .int(1) }
    return result
  }

  /// The extents without the reduced ones, or with 1 for them.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: true)
    guard let axes = try axes(inputs.optional(1), rank: x.rank) else {
      let length = inputs.optional(1)?.listLength
      guard keepsAxes || length != nil else {
        throw DeployError.operand("\(Self.name)'s axes have no known length")
      }
      let rank = keepsAxes ? x.rank : max(0, x.rank - (length ?? 0))
      return [TensorType(x.scalarType, [Dimension](repeating: .unknown, count: rank))]
    }
    let dimensions = x.dimensions.enumerated().compactMap { axis, extent -> Dimension? in
      axes.contains(axis) ? (keepsAxes ? 1 : nil) : extent
    }
    return [TensorType(x.scalarType, dimensions)]
  }

  private func axes(_ operand: Operand?, rank: Int) throws -> [Int]? {
    let all = isNoopWithoutAxes ? [] : Array(0..<rank)
    guard let operand else { return all }
    guard let list = try operand.list("\(Self.name)'s axes") else { return nil }
    return list.isEmpty ? all : try normalized(list, rank: rank)
  }

  /// In double precision; integers too, which is exact below 2⁵³.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let operand = (inputs.optional(1) as Tensor?).map { axes in
      Operand(type: TensorType(axes.scalarType, axes.shape), constant: axes)
    }
    let axes = try axes(operand, rank: x.shape.rank) ?? []
    let values = try x.reduced(over: axes, reduce)
    return [try Tensor(reals: values, shape: shape, as: x.scalarType)]
  }

  /// One per element of the operand.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(inputs.first ?? nil)
  }
  /// Sums in another order.
  public var tolerance: Tolerance { .rounding }
}
