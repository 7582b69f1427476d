public import Graphs

/// A value times its own hard sigmoid (α = 1/6, β = 1/2) becomes one operator.
///
///     s = HardSigmoid(x)      →   y = HardSwish(x)
///     y = Mul(x, s)  or  Mul(s, x)
///
/// It refuses other slopes, and when the hard sigmoid has another reader or is an output.
/// Source: ONNX HardSwish, opset 14.
public struct FuseHardSwish: RewriteRule {
  /// The rule's name.
  public let name = "fuse-hard-swish"
  /// Creates the rule.
  public init() {}

  /// The fused operator, where `node` is such a product.
  public func rewrite(_ node: Node, in graph: Graph) throws -> Patch? {
    try node.fusedGate(HardSwish(), in: graph) { gate in
      guard gate.op is HardSigmoid else { return false }
      let alpha = try gate.attributes.float("alpha", default: 0.2)
      let beta = try gate.attributes.float("beta", default: 0.5)
      return abs(alpha - 1 / 6) < 1e-6 && beta == 0.5
    }
  }
}
