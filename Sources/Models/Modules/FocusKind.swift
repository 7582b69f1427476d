import Graphs

/// `Focus`, the stem up to v5.0: the four pixels of every 2 × 2 square become channels.
/// Source: YOLOv5 models/common.py, Focus (squares in the order: top left, bottom left, top
/// right, bottom right).
enum FocusKind: ModuleKind {
  static let names = ["Focus"]
  static let submodules: Set<String>? = ["conv"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let picture = try inputs.single(of: module)
    let parts = try [(0, 0), (1, 0), (0, 1), (1, 1)].map { row, column in
      try network.cells(picture, fromRow: row, column: column, step: 2, of: module)
    }
    let stacked = try network.concat(parts, of: module, part: "concat")
    return try network.lower(module.child("conv"), stacked)
  }
}
