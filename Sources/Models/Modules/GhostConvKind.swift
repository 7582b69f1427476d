import Graphs

/// `GhostConv`: [y, cv2(y)] with y = cv1(x).
enum GhostConvKind: ModuleKind {
  static let names = ["GhostConv"]
  static let submodules: Set<String>? = ["cv1", "cv2"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let own = try network.lower(module.child("cv1"), inputs)
    let ghost = try network.lower(module.child("cv2"), own)
    return try network.concat([own, ghost], of: module, part: "concat")
  }
}
