import Graphs

/// `BottleneckCSP`, up to v3.1: act(bn([cv3(m(cv1(x))), cv2(x)])), then cv4.
enum BottleneckCSPKind: ModuleKind {
  static let names = ["BottleneckCSP"]
  static let submodules: Set<String>? = ["cv1", "cv2", "cv3", "cv4", "bn", "act", "m"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    var deep = try network.lower(module.child("cv1"), inputs)
    deep = try network.lower(module.child("m"), deep)
    deep = try network.lower(module.child("cv3"), deep)
    let direct = try network.lower(module.child("cv2"), inputs)
    var value = try network.concat([deep, direct], of: module, part: "concat")
    for name in ["bn", "act", "cv4"] { value = try network.lower(module.child(name), value) }
    return value
  }
}
