import Graphs

/// `C3` and its kin, which differ in `m` only: cv3([m(cv1(x)), cv2(x)]).
enum C3Kind: ModuleKind {
  static let names = ["C3", "C3x", "C3TR", "C3Ghost", "C3SPP"]
  static let submodules: Set<String>? = ["cv1", "cv2", "cv3", "m"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    var deep = try network.lower(module.child("cv1"), inputs)
    deep = try network.lower(module.child("m"), deep)
    let direct = try network.lower(module.child("cv2"), inputs)
    let both = try network.concat([deep, direct], of: module, part: "concat")
    return try network.lower(module.child("cv3"), both)
  }
}
