import Graphs

/// YOLOv5's `Conv` and `DWConv`: convolution, batch normalisation (absent in a fused
/// checkpoint), activation.
enum ConvKind: ModuleKind {
  static let names = ["Conv", "DWConv"]
  static let submodules: Set<String>? = ["conv", "bn", "act"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    var value = try network.lower(module.child("conv"), inputs)
    for name in ["bn", "act"] {
      if let part = module.optionalChild(name) { value = try network.lower(part, value) }
    }
    return value
  }
}
