public import Diagnostics

extension Diagnostic.ID {
  /// The bytes are no ONNX model.
  public static let onnxNotAModel: Self = "onnx.not-a-model"
  /// The file's format version is missing or newer than what is known.
  public static let onnxIRVersion: Self = "onnx.ir-version"
  /// No operator set is imported for a domain that is used.
  public static let onnxMissingOpset: Self = "onnx.missing-opset"
  /// An operator set older or newer than what can be read or written.
  public static let onnxUnsupportedOpset: Self = "onnx.unsupported-opset"
  /// An operator that is not in the catalogue.
  public static let onnxUnsupportedOperator: Self = "onnx.unsupported-operator"
  /// A node with a graph inside (If, Loop, Scan), or a model with functions.
  public static let onnxUnsupportedSubgraph: Self = "onnx.unsupported-subgraph"
  /// An element type, or a kind of value, that tensors do not hold.
  public static let onnxUnsupportedType: Self = "onnx.unsupported-type"
  /// An old or new form of an operator that has no counterpart.
  public static let onnxUnsupportedForm: Self = "onnx.unsupported-form"
  /// A tensor whose data does not fit its dimensions or type.
  public static let onnxInvalidTensor: Self = "onnx.invalid-tensor"
  /// External data that is missing, too short or outside the model's folder.
  public static let onnxExternalData: Self = "onnx.external-data"
  /// An attribute without a type, of the wrong type, unknown to the operator or missing.
  public static let onnxInvalidAttribute: Self = "onnx.invalid-attribute"
  /// A value that is written more than once, or under a taken name.
  public static let onnxNotSSA: Self = "onnx.not-ssa"
  /// A value that is read before it is written, or never written.
  public static let onnxNotSorted: Self = "onnx.not-sorted"
  /// A graph, input, output or tensor without a name, or a type without what it must state.
  public static let onnxIncomplete: Self = "onnx.incomplete"
  /// Too few or too many operands or results.
  public static let onnxOperandCount: Self = "onnx.operand-count"
  /// An operator that the imported operator set does not have.
  public static let onnxUnknownOperator: Self = "onnx.unknown-operator"
  /// A stated type that differs from the inferred one.
  public static let onnxTypeMismatch: Self = "onnx.type-mismatch"
  /// Two metadata entries of one key.
  public static let onnxDuplicateMetadata: Self = "onnx.duplicate-metadata"
  /// A network that the asked-for operator set cannot express.
  public static let onnxOpsetTooOld: Self = "onnx.opset-too-old"
  /// A model of more than 2 GB without external data.
  public static let onnxTooLarge: Self = "onnx.too-large"
}
