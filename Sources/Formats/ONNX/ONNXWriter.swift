import Diagnostics
import Files
public import Graphs

/// Writes a graph as an ONNX file of operator sets 12 to 21.
///
/// Newer forms of operators are lowered; input and output names are kept. The file is streamed,
/// one tensor at a time, and appears only when it is whole.
public enum ONNXWriter {
  /// The operator sets that can be written.
  public static let opsets = 12...21

  /// What goes into the file beside the graph.
  public struct Options: Sendable {
    /// Whether large tensors go to `NAME.data` beside the model; files that would pass 2 GB
    /// always have it.
    public var usesExternalData = false
    /// Free text about the model.
    public var documentation = ""
    /// The version of this program, as the file states it.
    public var producerVersion = "0.1.0"
    /// Creates the usual options.
    public init() {}
  }

  /// Writes a model, one tensor at a time in memory.
  /// - Parameter didWrite: told after each tensor how many are written.
  /// - Throws: `onnx.unsupported-opset`, `onnx.opset-too-old`, `onnx.unsupported-form`,
  ///   `file.unwritable`.
  public static func write(
    _ graph: Graph,
    to path: String,
    opset: Int = 17,
    options: Options = Options(),
    didWrite: (Int) -> Void = { _ in }
  ) throws {
    let export = try ModelExport(graph, opset: opset, options: options)
    var model = try export.encoded()
    if options.usesExternalData || model.byteCount > byteLimit {
      let dataPath = path + ".data"
      var data = try AtomicFile(path: dataPath)
      let name = dataPath.split(separator: "/").last.map(String.init) ?? dataPath
      model = try export.encoded(movingDataTo: &data, named: name)
      try data.commit()
    }
    var file = try AtomicFile(path: path)
    try model.write(to: &file, didWrite: didWrite)
    try file.commit()
  }

  /// The model as bytes in memory, for an engine that takes them.
  /// - Throws: as ``write(_:to:opset:options:didWrite:)``, and `onnx.too-large` beyond 2 GB.
  public static func encode(
    _ graph: Graph,
    opset: Int = 17,
    options: Options = Options()
  ) throws -> [UInt8] {
    let model = try ModelExport(graph, opset: opset, options: options).encoded()
    guard model.byteCount <= byteLimit else {
      throw DeployError(
        .onnxTooLarge,
        "the model takes \(model.byteCount) bytes, which one protobuf message cannot hold",
        remedy: "write it to a file with external data"
      )
    }
    var sink = MemorySink(capacity: model.byteCount)
    try model.write(to: &sink)
    return sink.bytes
  }

  /// The largest protobuf message.
  private static let byteLimit = Int(Int32.max)
}
