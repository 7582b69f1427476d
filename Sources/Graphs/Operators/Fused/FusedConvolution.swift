import Diagnostics
public import Tensors

/// A convolution with what follows it: an activation, and a value added before or after it.
///
/// Operands: X, W, B (optional) as those of ``Conv``, and R of the result's type where something
/// is added. Not an ONNX operator: engines of our own run it.
///
///     y = act(conv(x, w, b))      y = act(conv(x, w, b)) + r      y = act(conv(x, w, b) + r)
public struct FusedConvolution: Operator {
  /// When R is added.
  public enum Residual: String, Sendable, Hashable {
    case none
    case afterActivation = "after"
    case beforeActivation = "before"
  }

  /// Ours; no ONNX `op_type`.
  public static let name = "FusedConvolution"
  /// The convolution.
  public let convolution: Conv
  /// What is applied to its result.
  public let activation: Activation
  /// When R is added.
  public let residual: Residual

  /// Creates the operator.
  public init(_ convolution: Conv, activation: Activation, residual: Residual = .none) {
    self.convolution = convolution
    self.activation = activation
    self.residual = residual
  }

  /// Reads what ``attributes`` gives: plans hold it, ONNX files do not.
  public init(attributes: Attributes, outputCount: Int) throws {
    convolution = try Conv(attributes: attributes, outputCount: outputCount)
    let name = try attributes.string("activation", default: "identity")
    let parameters = try attributes.floats("parameters") ?? []
    guard let activation = Activation(named: name, parameters: parameters),
      let residual = try Residual(rawValue: attributes.string("residual", default: "none"))
    else { throw DeployError.attribute("activation '\(name)' does not exist") }
    self.activation = activation
    self.residual = residual
  }

  /// Those of the convolution, and what is fused.
  public var attributes: [String: Attribute] {
    var result = convolution.attributes
    if activation != .identity { result["activation"] = .string(activation.name) }
    if !activation.parameters.isEmpty { result["parameters"] = .floats(activation.parameters) }
    if residual != .none { result["residual"] = .string(residual.rawValue) }
    return result
  }

  /// The convolution's.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let result = try convolution.outputTypes(for: Array(inputs.prefix(3)))
    guard residual != .none else { return result }
    let added: TensorType = try inputs.required(3, of: Self.name).type
    guard added.isCompatible(with: result[0]) else {
      throw DeployError.operand("\(added) cannot be added to \(result[0])")
    }
    return result
  }

  /// The convolution, then the rest element by element in double precision.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let result = try convolution.evaluate(Array(inputs.prefix(3)))[0]
    switch residual {
    case .none: return [try result.mapReals(activation.apply)]
    case .afterActivation:
      let added: Tensor = try inputs.required(3, of: Self.name)
      return try Add().evaluate([try result.mapReals(activation.apply), added])
    case .beforeActivation:
      let added: Tensor = try inputs.required(3, of: Self.name)
      return [try Add().evaluate([result, added])[0].mapReals(activation.apply)]
    }
  }

  /// The convolution's, and one per element for each of the others.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    let extra = (activation == .identity ? 0 : 1) + (residual == .none ? 0 : 1)
    let rest = saturatingProduct([elementCount(outputs.first), Int64(extra)])
    return convolution.multiplyAdds(inputs: inputs, outputs: outputs) &+ rest
  }
  /// Sums in another order.
  public var tolerance: Tolerance { .rounding }
}
