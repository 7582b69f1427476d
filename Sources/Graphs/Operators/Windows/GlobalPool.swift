import Diagnostics
public import Tensors

/// An operator that makes one element of every channel. X `[N, C, …]`, result `[N, C, 1, …]`:
/// ``GlobalAveragePool`` and ``GlobalMaxPool``.
public protocol GlobalPool: Operator {
  /// Creates the operator.
  init()
  /// The element of one channel.
  static func pooled(_ channel: ArraySlice<Double>) -> Double
}

extension GlobalPool {
  /// Reads no attributes.
  public init(attributes: Attributes, outputCount: Int) { self.init() }
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// `[N, C, 1, …]`.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: false)
    guard x.rank >= 3 else { throw DeployError.operand("\(Self.name) does not take \(x)") }
    let ones = [Dimension](repeating: 1, count: x.rank - 2)
    return [TensorType(x.scalarType, x.dimensions.prefix(2) + ones)]
  }
  /// In double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let values = try x.reduced(over: Array(2..<x.shape.rank)) { Self.pooled($0) }
    return [try Tensor(reals: values, shape: shape, as: x.scalarType)]
  }
  /// One per element of X.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    elementCount(inputs.first ?? nil)
  }
}
