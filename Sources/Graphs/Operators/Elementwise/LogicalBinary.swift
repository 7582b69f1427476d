import Diagnostics
public import Tensors

/// An operator that combines two truth values, broadcasting them.
public protocol LogicalBinary: Operator {
  /// The result for one pair.
  func apply(_ a: Bool, _ b: Bool) -> Bool
}

extension LogicalBinary {
  /// None.
  public var attributes: [String: Attribute] { [:] }
  /// Truth values of the broadcast shape.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let a: TensorType = try inputs.required(0, of: Self.name).type
    let b: TensorType = try inputs.required(1, of: Self.name).type
    guard a.scalarType == .bool, b.scalarType == .bool else {
      throw DeployError.operand("\(Self.name) takes truth values, not \(a) and \(b)")
    }
    return [TensorType(.bool, try broadcast(a.dimensions, b.dimensions))]
  }
  /// Pair by pair.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let a: Tensor = try inputs.required(0, of: Self.name).broadcast(to: shape)
    let b: Tensor = try inputs.required(1, of: Self.name).broadcast(to: shape)
    return [try Tensor(zip(a.truths(), b.truths()).map { apply($0, $1) }, shape: shape)]
  }
}
