import Graphs

/// `SPP`: cv2 of cv1(x) beside its maximum pools of several sizes.
enum SPPKind: ModuleKind {
  static let names = ["SPP"]
  static let submodules: Set<String>? = ["cv1", "cv2", "m"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let narrow = try network.lower(module.child("cv1"), inputs)
    let pooled = try module.child("m").children.map { try network.lower($0, narrow) }
    let stacked = try network.concat([narrow] + pooled, of: module, part: "concat")
    return try network.lower(module.child("cv2"), stacked)
  }
}
