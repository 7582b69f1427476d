import Graphs

/// `Proto`, the mask prototypes of segmentation: cv3(cv2(upsample(cv1(x)))).
enum ProtoKind: ModuleKind {
  static let names = ["Proto"]
  static let submodules: Set<String>? = ["cv1", "upsample", "cv2", "cv3"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    var value = try inputs.single(of: module)
    for name in ["cv1", "upsample", "cv2", "cv3"] {
      value = try network.lower(module.child(name), value)
    }
    return value
  }
}
