import Graphs

/// `torch.nn.Flatten` from axis 1, and the early YOLOv5 class of that name.
enum FlattenKind: ModuleKind {
  static let names = ["Flatten"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let axis = module.optionalInt("start_dim") ?? 1
    guard axis == 1, module.optionalInt("end_dim") ?? -1 == -1 else {
      throw module.unsupported("start_dim \(axis)")
    }
    return try network.apply(
      "Flatten",
      ["axis": .int(1)],
      [inputs.single(of: module)],
      of: module
    )
  }
}
