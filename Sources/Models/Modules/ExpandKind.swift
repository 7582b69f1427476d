import Graphs

/// `Expand`: channels become the pixels of a square, the inverse of `Contract`.
enum ExpandKind: ModuleKind {
  static let names = ["Expand"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    try network.apply(
      "DepthToSpace",
      ["blocksize": .integer(try module.int("gain")), "mode": .string("DCR")],
      [try inputs.single(of: module)],
      of: module
    )
  }
}
