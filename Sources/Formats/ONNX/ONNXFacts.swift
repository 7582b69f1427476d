/// What an ONNX file says of itself, before anything in it is understood: also of nodes that a reader
/// drops or brings to another form.
public struct ONNXFacts: Sendable, Hashable {
  /// The operator set that it imports.
  public let opset: Int
  /// How many nodes there are of each operator.
  public let operators: [String: Int]

  /// Reads the facts of a model in memory.
  /// - Throws: `onnx.not-a-model`, `onnx.missing-opset`, `onnx.unsupported-opset`.
  public init(bytes: [UInt8]) throws {
    let model = try bytes.withUnsafeBytes { try ONNXReader.decode($0) }
    opset = try ModelImport.opset(of: model)
    operators = model.graph.node.reduce(into: [:]) { $0[$1.opType, default: 0] += 1 }
  }
}
