import Graphs
import Tensors

/// The constant weights of a convolution, ready to be scaled and shifted per output channel.
struct ConvolutionWeights {
  let node: Node
  let weight: Value
  let bias: Value?
  let weightTensor: Tensor
  let biasTensor: Tensor?
  /// `Conv`: [M, C/g, …]; `ConvTranspose`: [C, M/g, …].
  let isTransposed: Bool
  let groups: Int

  /// The weights of `node`; nil where they are computed while running or not floating-point.
  init?(_ node: Node, in graph: Graph) throws {
    guard let weightID = node.operand(1), let weightTensor = graph[weightID].constant,
      weightTensor.scalarType.isFloatingPoint, weightTensor.shape.rank >= 3
    else { return nil }
    self.node = node
    self.weightTensor = weightTensor
    weight = graph[weightID]
    bias = node.operand(2).map { graph[$0] }
    biasTensor = bias?.constant
    isTransposed = node.operatorName == "ConvTranspose"
    groups = try node.attributes.int("group", default: 1)
    guard groups > 0, bias == nil || biasTensor != nil else { return nil }
  }

  var outputChannels: Int {
    isTransposed ? weightTensor.shape[1] * groups : weightTensor.shape[0]
  }

  /// The convolution with `factor · w` and `factor · b + offset` in the place of `reader`.
  func patch(
    _ reason: String,
    replacing reader: Node,
    factor: [Float],
    offset: [Float]
  ) throws -> Patch? {
    let old = try biasTensor?.floats() ?? [Float](repeating: 0, count: outputChannels)
    guard old.count == outputChannels else { return nil }
    let sums = (0..<outputChannels).map { factor[$0] * old[$0] + offset[$0] }
    let type = weightTensor.scalarType
    var patch = Patch(reason)
    let isScaled = factor.contains { $0 != 1 }
    let newWeight: Patch.Value =
      isScaled ? patch.constant(weight.name, scaled(by: factor)) : .existing(weight.id)
    let newBias = patch.constant(
      bias?.name ?? biasName,
      try Tensor(sums, shape: [outputChannels]).converted(to: type)
    )
    let fused = patch.node(
      node.op,
      [node.operand(0).map { .existing($0) }, newWeight, newBias],
      name: node.name,
      standingFor: [node, reader]
    )
    patch.replace(reader.outputs[0], with: fused)
    patch.remove(node)
    patch.remove(reader)
    return patch
  }

  private var biasName: String {
    weight.name.hasSuffix(".weight")
      ? weight.name.dropLast("weight".count) + "bias" : node.name + ".bias"
  }

  /// `factor · w`, computed when it is read.
  private func scaled(by factor: [Float]) -> Tensor {
    let (source, isTransposed, groups) = (weightTensor, isTransposed, groups)
    return Tensor(deferred: source.shape, source.scalarType) {
      // In place: the largest weights decide how much memory an export takes.
      var product = try source.converted(to: .float32)
      try product.update(of: Float.self) { values in
        let channels = factor.count / (isTransposed ? groups : 1)
        let blocks = isTransposed ? source.shape[0] : 1
        let size = channels * blocks == 0 ? 0 : values.count / (channels * blocks)
        for block in 0..<blocks {
          let group = isTransposed ? block / max(blocks / groups, 1) : 0
          for channel in 0..<channels {
            let scale = factor[group * channels + channel]
            let start = (block * channels + channel) * size
            for index in start..<start + size { values[index] = scale * values[index] }
          }
        }
      }
      return try product.converted(to: source.scalarType)
    }
  }
}
