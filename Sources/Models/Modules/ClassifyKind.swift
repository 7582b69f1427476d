import Graphs

/// `Classify`: class scores before the softmax, [N, classes].
///
/// v6.2 and later: linear(pool(conv(x))). Before: a convolution of the pooled inputs.
enum ClassifyKind: ModuleKind {
  static let names = ["Classify"]
  static let submodules: Set<String>? = ["conv", "pool", "drop", "linear", "aap", "flat"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    if let pool = module.optionalChild("aap") {
      let pooled = try inputs.map { try network.lower(pool, $0) }
      let value = pooled.count == 1 ? pooled[0] : try network.concat(pooled, of: module)
      let scores = try network.lower(module.child("conv"), value)
      return try flattened(scores, of: module, in: &network)
    }
    var value = inputs.count == 1 ? inputs[0] : try network.concat(inputs, of: module)
    value = try network.lower(module.child("conv"), value)
    value = try network.lower(module.child("pool"), value)
    value = try flattened(value, of: module, in: &network)
    return try network.lower(module.child("linear"), value)
  }

  private static func flattened(
    _ value: ValueID,
    of module: Module,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    try network.apply("Flatten", ["axis": .integer(1)], [value], of: module, part: "flatten")
  }
}
