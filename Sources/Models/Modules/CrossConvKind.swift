import Graphs

/// `CrossConv`: a row convolution, then a column convolution, and a shortcut where the
/// attribute `add` says so.
enum CrossConvKind: ModuleKind {
  static let names = ["CrossConv"]
  static let submodules: Set<String>? = ["cv1", "cv2"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    try BottleneckKind.lower(module, inputs, in: &network)
  }
}
