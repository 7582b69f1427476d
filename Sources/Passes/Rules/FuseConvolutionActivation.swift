public import Graphs
import Tensors

/// An activation of a convolution's result becomes part of the convolution.
///
///     c = Conv(x, w, b)     →   y = FusedConvolution(x, w, b) {activation}
///     y = SiLU(c)
///
/// It refuses when the convolution's result has another reader or is an output, and where an
/// activation, or a sum after one, is fused already.
public struct FuseConvolutionActivation: RewriteRule {
  /// The rule's name.
  public let name = "fuse-convolution-activation"
  /// Creates the rule.
  public init() {}

  /// The fused convolution, where `node` is such an activation.
  public func rewrite(_ node: Node, in graph: Graph) throws -> Patch? {
    guard let input = node.operand(0), let activation = try graph.activation(of: node),
      let producer = graph.soleProducer(of: input, "Conv", "FusedConvolution"),
      let fused = producer.fusedConvolution, fused.activation == .identity,
      fused.residual != .afterActivation
    else { return nil }
    var patch = Patch(
      "\(node.name) applies \(activation.name) to what \(producer.name) writes and nobody else "
        + "reads: it can be applied before the result is stored"
    )
    let result = patch.node(
      FusedConvolution(fused.convolution, activation: activation, residual: fused.residual),
      producer.inputs.map { $0.map { .existing($0) } },
      name: node.name,
      standingFor: [producer, node]
    )
    patch.replace(node.outputs[0], with: result)
    patch.remove(producer)
    patch.remove(node)
    return patch
  }
}

extension Node {
  /// The convolution with what is fused so far, where the node is one.
  var fusedConvolution: FusedConvolution? {
    if let op = op as? Conv { return FusedConvolution(op, activation: .identity) }
    return op as? FusedConvolution
  }
}

extension Graph {
  /// The activation that a node applies to its first operand. Bounds must be constants.
  func activation(of node: Node) throws -> Activation? {
    guard node.op is Clip else { return Activation(node.op) }
    var bounds: [Float] = [-.infinity, .infinity]
    for index in 1...2 where node.operand(index) != nil {
      guard let bound = try constant(node, index)?.floats().first else { return nil }
      bounds[index - 1] = bound
    }
    return .clip(lower: bounds[0], upper: bounds[1])
  }
}
