import Graphs

/// `MixConv2d`: convolutions of several sizes side by side, then normalised and activated. Up to
/// v6.0 (recognised by its LeakyReLU) the input is added to the result.
enum MixConvKind: ModuleKind {
  static let names = ["MixConv2d"]
  static let submodules: Set<String>? = ["m", "bn", "act"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let input = try inputs.single(of: module)
    let parts = try module.child("m").children.map { try network.lower($0, input) }
    var value = try network.concat(parts, of: module, part: "concat")
    value = try network.lower(module.child("bn"), value)
    let activation = try module.child("act")
    value = try network.lower(activation, value)
    guard activation.kind == "LeakyReLU" else { return value }
    return try network.add(input, value, of: module, part: "add")
  }
}
