import Glibc
import Graphs

/// The activations, PyTorch's and the export-friendly copies in YOLOv5's own `activations.py`.
enum ActivationKind: ModuleKind {
  static let names = [
    "SiLU", "Swish", "MemoryEfficientSwish", "LeakyReLU", "ReLU", "ReLU6", "Hardswish",
    "Hardsigmoid", "Sigmoid", "Tanh", "Mish", "MemoryEfficientMish", "ELU", "SELU", "Softplus",
  ]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let input = try inputs.single(of: module)
    func simple(_ name: String, _ attributes: [String: Attribute] = [:]) throws -> ValueID {
      try network.apply(name, attributes, [input], of: module)
    }
    switch module.kind {
    case "SiLU", "Swish", "MemoryEfficientSwish":
      let gate = try network.apply("Sigmoid", [:], [input], of: module, part: "sigmoid")
      return try network.multiply(input, gate, of: module)
    case "LeakyReLU":
      return try simple(
        "LeakyRelu",
        ["alpha": .float(Float(module.float("negative_slope", default: 0.01)))]
      )
    case "ReLU": return try simple("Relu")
    case "ReLU6":
      let limits = [network.number(0), network.number(6)]
      return try network.apply("Clip", [:], [input] + limits, of: module)
    case "Hardswish":
      // x · clip(x / 6 + 1 / 2, 0, 1). Source: torch.nn.Hardswish.
      let gate = try network.apply("HardSigmoid", sixth, [input], of: module, part: "gate")
      return try network.multiply(input, gate, of: module)
    case "Hardsigmoid": return try simple("HardSigmoid", sixth)
    case "Mish", "MemoryEfficientMish":
      // x · tanh(softplus(x)). Source: torch.nn.Mish.
      let soft = try network.apply("Softplus", [:], [input], of: module, part: "softplus")
      let gate = try network.apply("Tanh", [:], [soft], of: module, part: "tanh")
      return try network.multiply(input, gate, of: module)
    case "ELU":
      return try simple("Elu", ["alpha": .float(Float(module.float("alpha", default: 1)))])
    case "SELU": return try simple("Selu")
    default: return try simple(module.kind)
    }
  }

  private static let sixth: [String: Attribute] = ["alpha": .float(1.0 / 6), "beta": .float(0.5)]
}

/// Scalar functions that the importer evaluates itself.
enum Activation {
  /// 1 / (1 + e^−x).
  static func sigmoid(_ value: Float) -> Float { 1 / (1 + exp(-value)) }
}
