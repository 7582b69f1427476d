import Graphs

/// `FReLU`: max(x, bn(conv(x))).
enum FReLUKind: ModuleKind {
  static let names = ["FReLU"]
  static let submodules: Set<String>? = ["conv", "bn"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let input = try inputs.single(of: module)
    var other = try network.lower(module.child("conv"), input)
    if let norm = module.optionalChild("bn") { other = try network.lower(norm, other) }
    return try network.apply("Max", [:], [input, other], of: module, part: "max")
  }
}
