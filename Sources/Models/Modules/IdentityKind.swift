import Graphs

/// Modules that do nothing when a network is used.
enum IdentityKind: ModuleKind {
  static let names = ["Identity", "Dropout", "Dropout2d"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID { try inputs.single(of: module) }
}
