import Graphs

/// `torch.nn.Sequential`: one submodule after another.
enum SequentialKind: ModuleKind {
  static let names = ["Sequential"]
  static let submodules: Set<String>? = nil

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    var value = try inputs.single(of: module)
    for child in module.children { value = try network.lower(child, value) }
    return value
  }
}
