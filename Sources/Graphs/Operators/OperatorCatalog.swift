/// The operators that the importer knows. Adding an operator is one file and one line here.
public struct OperatorCatalog: Sendable {
  private let types: [String: any Operator.Type]

  /// Creates a catalogue; of two operators of one name the later wins.
  public init(_ types: [any Operator.Type]) {
    self.types = Dictionary(types.map { ($0.name, $0) }) { _, later in later }
  }

  /// The operator of an ONNX `op_type`.
  public subscript(_ name: String) -> (any Operator.Type)? { types[name] }
  /// Every name, sorted.
  public var names: [String] { types.keys.sorted() }
}

extension OperatorCatalog {
  /// Every operator of this module.
  public static let standard = OperatorCatalog([
    Abs.self, Add.self, BatchNormalization.self, Cast.self, Ceil.self, Concat.self, Conv.self,
    Div.self, Elu.self, Erf.self, Exp.self, Expand.self, Floor.self, Gather.self, Gelu.self,
    HardSigmoid.self, HardSwish.self, Identity.self, LeakyRelu.self, Log.self, MaxPool.self,
    Mish.self, Mod.self, Mul.self, Neg.self, Pow.self, RangeOf.self, Reciprocal.self, Relu.self,
    Reshape.self, Resize.self, Round.self, ShapeOf.self, SiLU.self, Sigmoid.self, Sign.self,
    Slice.self, Softplus.self, Split.self, Sqrt.self, Squeeze.self, Sub.self, Tanh.self,
    Transpose.self, Unsqueeze.self,
  ])
}
