import Graphs

/// `torch.nn.Linear` on the last axis.
enum LinearKind: ModuleKind {
  static let names = ["Linear", "NonDynamicallyQuantizableLinear"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let input = try inputs.single(of: module)
    guard network.graph[input].type.rank == 2 else { return try network.linear(module, input) }
    var operands = [input, try network.weight("weight", of: module)]
    if module.optionalTensor("bias") != nil {
      operands.append(try network.weight("bias", of: module))
    }
    return try network.apply("Gemm", ["transB": .int(1)], operands, of: module)
  }
}
