public import Graphs
import Tensors

/// A batch normalization after a convolution becomes part of its weights.
///
///     c = Conv(x, w, b)                           →   y = Conv(x, w', b')
///     y = BatchNormalization(c, γ, β, μ, σ²)
///
///     s  = γ / √(σ² + ε)          one factor per output channel
///     w' = s · w
///     b' = s · b + (β - μ · s)    b is 0 where absent
///
/// It refuses when the convolution's result has another reader or is an output, when any of the
/// parameters is computed while running, and for training-mode normalization. The weights are
/// computed when somebody reads them, in single precision.
/// Source: Ioffe and Szegedy, "Batch Normalization", 2015, section 3.1; PyTorch
/// `torch.nn.utils.fusion.fuse_conv_bn_weights`.
public struct FoldBatchNormalization: RewriteRule {
  /// The rule's name.
  public let name = "fold-batch-normalization"
  /// Creates the rule.
  public init() {}

  /// The fused convolution, where `node` is such a normalization.
  public func rewrite(_ node: Node, in graph: Graph) throws -> Patch? {
    guard node.operatorName == "BatchNormalization", let input = node.operand(0),
      let convolution = graph.soleProducer(of: input, "Conv", "ConvTranspose"),
      try node.attributes.int("training_mode", default: 0) == 0,
      node.outputs.dropFirst().allSatisfy({ graph.useCount(of: $0) == 0 }),
      let weights = try ConvolutionWeights(convolution, in: graph),
      let scale = try graph.constant(node, 1)?.floats(),
      let shift = try graph.constant(node, 2)?.floats(),
      let mean = try graph.constant(node, 3)?.floats(),
      let variance = try graph.constant(node, 4)?.floats()
    else { return nil }
    let count = weights.outputChannels
    guard [scale, shift, mean, variance].allSatisfy({ $0.count == count }) else { return nil }
    let epsilon = try node.attributes.float("epsilon", default: 1e-5)
    let factor = (0..<count).map { scale[$0] / (variance[$0] + epsilon).squareRoot() }
    let offset = (0..<count).map { shift[$0] - mean[$0] * factor[$0] }
    return try weights.patch(
      "fold \(node.name) into \(convolution.name): both scale and shift each channel",
      replacing: node,
      factor: factor,
      offset: offset
    )
  }
}
