import Graphs

/// `GhostBottleneck`: conv(x) + shortcut(x).
enum GhostBottleneckKind: ModuleKind {
  static let names = ["GhostBottleneck"]
  static let submodules: Set<String>? = ["conv", "shortcut"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let deep = try network.lower(module.child("conv"), inputs)
    let direct = try network.lower(module.child("shortcut"), inputs)
    return try network.add(deep, direct, of: module, part: "add")
  }
}
