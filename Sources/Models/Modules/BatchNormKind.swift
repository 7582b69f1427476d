import Graphs
import Tensors

/// `torch.nn.BatchNorm2d` with the statistics of the training. It stays a node of its own here;
/// a pass folds it into the convolution before it.
enum BatchNormKind: ModuleKind {
  static let names = ["BatchNorm2d", "SyncBatchNorm"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let mean = try module.weight("running_mean")
    let count = mean.shape.count
    let scale = try module.optionalWeight("weight") ?? filled(1, count)
    let bias = try module.optionalWeight("bias") ?? filled(0, count)
    let operands = [
      try inputs.single(of: module),
      network.graph.addConstant(module.path + ".weight", scale),
      network.graph.addConstant(module.path + ".bias", bias),
      network.graph.addConstant(module.path + ".running_mean", mean),
      try network.weight("running_var", of: module),
    ]
    let epsilon = module.float("eps", default: 1e-5)
    return try network.apply(
      "BatchNormalization",
      ["epsilon": .float(Float(epsilon))],
      operands,
      of: module
    )
  }

  private static func filled(_ value: Float, _ count: Int) throws -> Tensor {
    try Tensor([Float](repeating: value, count: count), shape: [count])
  }
}
