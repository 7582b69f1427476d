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
    Abs.self, Add.self, And.self, ArgMax.self, ArgMin.self, AveragePool.self,
    BatchNormalization.self, Cast.self, CastLike.self, Ceil.self, Clip.self, Concat.self,
    ConstantOfShape.self, Conv.self, ConvTranspose.self, CumSum.self, DepthToSpace.self,
    DequantizeLinear.self, Div.self, Dropout.self, Elu.self, Equal.self, Erf.self, Exp.self,
    Expand.self, Flatten.self, Floor.self, Gather.self, GatherElements.self, GatherND.self,
    Gelu.self, Gemm.self, GlobalAveragePool.self, GlobalMaxPool.self, Greater.self,
    GreaterOrEqual.self, HardSigmoid.self, HardSwish.self, Identity.self,
    InstanceNormalization.self, LayerNormalization.self, LeakyRelu.self, Less.self,
    LessOrEqual.self, Log.self, LogSoftmax.self, MatMul.self, Max.self, MaxPool.self, Mean.self,
    Min.self, Mish.self, Mod.self, Mul.self, Neg.self, NonMaxSuppression.self, NonZero.self,
    Not.self, OneHot.self, Or.self, PRelu.self, Pad.self, Pow.self, QuantizeLinear.self,
    RangeOf.self, Reciprocal.self, ReduceL1.self, ReduceL2.self, ReduceMax.self, ReduceMean.self,
    ReduceMin.self, ReduceProd.self, ReduceSum.self, ReduceSumSquare.self, Relu.self, Reshape.self,
    Resize.self, Round.self, ScatterElements.self, ScatterND.self, ShapeOf.self, SiLU.self,
    Sigmoid.self, Sign.self, Size.self, Slice.self, Softmax.self, Softplus.self, SpaceToDepth.self,
    Split.self, Sqrt.self, Squeeze.self, Sub.self, Sum.self, Tanh.self, Tile.self, TopK.self,
    Transpose.self, Unsqueeze.self, Where.self, Xor.self,
  ])
}
