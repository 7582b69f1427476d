public import Graphs
import Tensors

/// A product with, or sum of, one constant per channel after a convolution becomes part of it.
///
///     y = Mul(Conv(x, w, b), s)   →   y = Conv(x, s · w, s · b)
///     y = Add(Conv(x, w, b), t)   →   y = Conv(x, w, b + t)
///
/// The constant has one element, or the shape [C, 1, …, 1] or [1, C, 1, …, 1] that broadcasts
/// along channels. It refuses when the convolution's result has another reader or is an output.
public struct FoldChannelScale: RewriteRule {
  /// The rule's name.
  public let name = "fold-channel-scale"
  /// Creates the rule.
  public init() {}

  /// The changed convolution, where `node` is such a product or sum.
  public func rewrite(_ node: Node, in graph: Graph) throws -> Patch? {
    guard node.operatorName == "Mul" || node.operatorName == "Add", node.inputs.count == 2,
      let left = node.operand(0), let right = node.operand(1)
    else { return nil }
    let (input, other) = graph[right].constant != nil ? (left, right) : (right, left)
    guard let constant = graph[other].constant,
      let convolution = graph.soleProducer(of: input, "Conv", "ConvTranspose"),
      let weights = try ConvolutionWeights(convolution, in: graph),
      let values = try channelValues(constant, weights, rank: graph[input].type.rank)
    else { return nil }
    let isProduct = node.operatorName == "Mul"
    let count = weights.outputChannels
    return try weights.patch(
      "fold \(node.name) into \(convolution.name): it \(isProduct ? "scales" : "shifts") channels",
      replacing: node,
      factor: isProduct ? values : [Float](repeating: 1, count: count),
      offset: isProduct ? [Float](repeating: 0, count: count) : values
    )
  }

  private func channelValues(
    _ tensor: Tensor,
    _ weights: ConvolutionWeights,
    rank: Int
  ) throws -> [Float]? {
    let shape = tensor.shape
    guard shape.rank <= rank, shape.count == 1 || shape.count == weights.outputChannels else {
      return nil
    }
    let values = try tensor.floats()
    if shape.count == 1 { return [Float](repeating: values[0], count: weights.outputChannels) }
    let axis = shape.rank - (rank - 1)
    guard axis >= 0, shape[axis] == shape.count else { return nil }
    return values
  }
}
