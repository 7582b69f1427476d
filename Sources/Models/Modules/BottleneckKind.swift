import Graphs

/// `Bottleneck`: two convolutions, and a shortcut where the attribute `add` says so.
enum BottleneckKind: ModuleKind {
  static let names = ["Bottleneck"]
  static let submodules: Set<String>? = ["cv1", "cv2"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let input = try inputs.single(of: module)
    let inner = try network.lower(module.child("cv1"), input)
    let value = try network.lower(module.child("cv2"), inner)
    guard module.bool("add", default: false) else { return value }
    return try network.add(input, value, of: module, part: "add")
  }
}
