public import Graphs
import Tensors

/// A value added to a convolution's result is added by the convolution.
///
///     c = FusedConvolution(x, w, b)   →   y = FusedConvolution(x, w, b, r) {residual}
///     y = Add(r, c)
///
/// The order is kept: where the convolution has an activation the value is added after it, else
/// before whatever activation is fused later. It refuses when the convolution's result has another
/// reader or is an output, when the value is constant, broadcast or of another type, and where
/// something is added already.
public struct FuseConvolutionSum: RewriteRule {
  /// The rule's name.
  public let name = "fuse-convolution-sum"
  /// Creates the rule.
  public init() {}

  /// The fused convolution, where `node` is such a sum.
  public func rewrite(_ node: Node, in graph: Graph) throws -> Patch? {
    guard node.op is Add, let left = node.operand(0), let right = node.operand(1), left != right
    else { return nil }
    for (sum, added) in [(right, left), (left, right)] {
      guard let producer = graph.soleProducer(of: sum, "Conv", "FusedConvolution"),
        let fused = producer.fusedConvolution, fused.residual == .none,
        graph[added].constant == nil, graph[sum].type == graph[added].type,
        graph[sum].type.dimensions.allSatisfy({ $0 != .unknown })
      else { continue }
      let order: FusedConvolution.Residual =
        fused.activation == .identity ? .beforeActivation : .afterActivation
      var patch = Patch(
        "\(node.name) adds \(graph[added].name) to what \(producer.name) writes and nobody else "
          + "reads: it can be added before the result is stored"
      )
      var inputs: [Patch.Value?] = producer.inputs.map { $0.map { .existing($0) } }
      while inputs.count < 3 { inputs.append(nil) }
      inputs.append(.existing(added))
      let result = patch.node(
        FusedConvolution(fused.convolution, activation: fused.activation, residual: order),
        inputs,
        name: node.name,
        standingFor: [producer, node]
      )
      patch.replace(node.outputs[0], with: result)
      patch.remove(producer)
      patch.remove(node)
      return patch
    }
    return nil
  }
}
