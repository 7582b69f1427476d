public import Graphs

/// A value times its own sigmoid becomes one operator.
///
///     s = Sigmoid(x)          →   y = SiLU(x)
///     y = Mul(x, s)  or  Mul(s, x)
///
/// It refuses when the sigmoid has another reader or is an output.
/// Source: Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2017.
public struct FuseSiLU: RewriteRule {
  /// The rule's name.
  public let name = "fuse-silu"
  /// Creates the rule.
  public init() {}

  /// The fused operator, where `node` is such a product.
  public func rewrite(_ node: Node, in graph: Graph) throws -> Patch? {
    node.fusedGate(SiLU(), in: graph) { $0.op is Sigmoid }
  }
}

extension Node {
  /// The patch from `x · gate(x)` to `fused(x)`.
  func fusedGate(
    _ fused: any Operator,
    in graph: Graph,
    _ isGate: (Node) throws -> Bool
  ) rethrows -> Patch? {
    guard op is Mul, inputs.count == 2, let left = inputs[0], let right = inputs[1] else {
      return nil
    }
    for (x, gated) in [(left, right), (right, left)] where x != gated {
      guard let gate = graph.producer(of: gated), gate.operand(0) == x, try isGate(gate),
        graph.useCount(of: gated) == 1
      else { continue }
      let operatorName = type(of: fused).name
      var patch = Patch("\(name) multiplies a value by its own \(gate.name): \(operatorName)")
      let result = patch.node(fused, [.existing(x)], name: name, standingFor: [gate, self])
      patch.replace(outputs[0], with: result)
      patch.remove(gate)
      patch.remove(self)
      return patch
    }
    return nil
  }
}
