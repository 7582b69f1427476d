import Backends
import Files
import FoundationEssentials
import Graphs
import Models
public import Reports

extension Report {
  /// A report without results about a model: the one way in which commands begin theirs.
  /// - Parameters:
  ///   - command: the command's name, such as `bench`.
  ///   - model: a checkpoint, an ONNX file or a plan.
  ///   - imageSize: height and width in pixels; nil takes the model's.
  ///   - environment: the machine and the engines.
  static func begun(
    _ command: String,
    model: String,
    imageSize: [Int]?,
    environment: [String: String]
  ) throws -> Report {
    if try PlanInspection.isPlan(model) {
      return Report(
        command: command,
        date: Date.now.formatted(.iso8601),
        subject: try planSubject(model, imageSize),
        environment: environment
      )
    }
    let source = try ModelSource.open(model)
    let (graph, _) = try source.graph(ImportOptions(imageSize: imageSize))
    let contract = graph.contract
    let bound = try graph.bound(batch: 1, size: imageSize ?? contract?.inputSize ?? [640, 640])
    let subject = Subject(
      file: String(model.split(separator: "/").last ?? ""),
      byteCount: try MappedFile(path: model).count,
      family: contract?.family ?? "unknown",
      task: contract?.task.rawValue ?? "unknown",
      classNames: contract?.classNames ?? [],
      parameterCount: try source.trainedParameterCount(graph),
      gigaOperations: bound.gigaFLOPs(of: bound.nodes),
      inputSize: imageSize ?? contract?.inputSize ?? []
    )
    return Report(
      command: command,
      date: Date.now.formatted(.iso8601),
      subject: subject,
      environment: environment
    )
  }

  /// A plan file tells its contract, but neither its parameters nor its arithmetic.
  private static func planSubject(_ path: String, _ imageSize: [Int]?) throws -> Subject {
    let contract = try PlanInspection.describe(path).contract
    return Subject(
      file: String(path.split(separator: "/").last ?? ""),
      byteCount: try MappedFile(path: path).count,
      family: contract?.family ?? "unknown",
      task: contract?.task.rawValue ?? "unknown",
      classNames: contract?.classNames ?? [],
      parameterCount: 0,
      gigaOperations: 0,
      inputSize: imageSize ?? contract?.inputSize ?? []
    )
  }

  /// The document as JSON: sorted keys, no escaped slashes.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self))
  }

  /// Writes the document as JSON.
  /// - Throws: `file.unwritable`.
  public func save(to path: String) throws { try AtomicFile.write(try json(), to: path) }
}
