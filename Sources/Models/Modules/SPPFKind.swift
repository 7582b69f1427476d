import Graphs

/// `SPPF`: as SPP, its pools one after another.
enum SPPFKind: ModuleKind {
  static let names = ["SPPF"]
  static let submodules: Set<String>? = ["cv1", "cv2", "m"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let pool = try module.child("m")
    var stages = [try network.lower(module.child("cv1"), inputs)]
    for _ in 0..<3 { stages.append(try network.lower(pool, stages[stages.count - 1])) }
    let stacked = try network.concat(stages, of: module, part: "concat")
    return try network.lower(module.child("cv2"), stacked)
  }
}
