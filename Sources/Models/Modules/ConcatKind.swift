import Graphs

/// `Concat`: the inputs one after another along the attribute `d`.
enum ConcatKind: ModuleKind {
  static let names = ["Concat"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    try network.concat(inputs, axis: module.optionalInt("d") ?? 1, of: module)
  }
}
