/// A function of one number that a kernel applies to its result before storing it.
public enum Activation: Sendable, Hashable {
  case identity
  case silu
  case relu
  case leakyRelu(alpha: Float)
  case hardSwish
  case sigmoid
  case hardSigmoid(alpha: Float, beta: Float)
  /// Kept between two bounds.
  case clip(lower: Float, upper: Float)
  case tanh
  case mish

  /// The activation that an operator of one operand applies, or nil where it is none of these.
  public init?(_ op: any Operator) {
    switch op {
    case is SiLU: self = .silu
    case is Relu: self = .relu
    case let op as LeakyRelu: self = .leakyRelu(alpha: op.alpha)
    case is HardSwish: self = .hardSwish
    case is Sigmoid: self = .sigmoid
    case let op as HardSigmoid: self = .hardSigmoid(alpha: op.alpha, beta: op.beta)
    case is Tanh: self = .tanh
    case is Mish: self = .mish
    default: return nil
    }
  }

  /// The activation of that ``name`` with those ``parameters``.
  public init?(named name: String, parameters: [Float]) {
    let first = parameters.first ?? 0
    let second = parameters.count > 1 ? parameters[1] : 0
    let all: [Activation] = [
      .identity, .silu, .relu, .leakyRelu(alpha: first), .hardSwish, .sigmoid,
      .hardSigmoid(alpha: first, beta: second), .clip(lower: first, upper: second), .tanh, .mish,
    ]
    guard
      let found = all.first(where: {
        $0.name == name && $0.parameters.count == parameters.count
      })
    else { return nil }
    self = found
  }

  /// The name in texts: `silu`.
  public var name: String {
    switch self {
    case .identity: "identity"
    case .silu: "silu"
    case .relu: "relu"
    case .leakyRelu: "leaky-relu"
    case .hardSwish: "hard-swish"
    case .sigmoid: "sigmoid"
    case .hardSigmoid: "hard-sigmoid"
    case .clip: "clip"
    case .tanh: "tanh"
    case .mish: "mish"
    }
  }

  /// The numbers that it takes besides its operand.
  public var parameters: [Float] {
    switch self {
    case .leakyRelu(let alpha): [alpha]
    case .hardSigmoid(let alpha, let beta): [alpha, beta]
    case .clip(let lower, let upper): [lower, upper]
    default: []
    }
  }

  /// The function, by the definition of the operator that it stands for.
  public func apply(_ x: Double) -> Double {
    switch self {
    case .identity: x
    case .silu: SiLU().apply(x)
    case .relu: Relu().apply(x)
    case .leakyRelu(let alpha): LeakyRelu(alpha: alpha).apply(x)
    case .hardSwish: HardSwish().apply(x)
    case .sigmoid: Sigmoid().apply(x)
    case .hardSigmoid(let alpha, let beta): HardSigmoid(alpha: alpha, beta: beta).apply(x)
    case .clip(let lower, let upper): x.isNaN ? x : min(max(x, Double(lower)), Double(upper))
    case .tanh: Tanh().apply(x)
    case .mish: Mish().apply(x)
    }
  }
}
