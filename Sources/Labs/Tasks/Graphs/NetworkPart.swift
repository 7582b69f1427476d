import Diagnostics
import Files
import Formats
import Graphs
import Tensors

/// An ONNX file with any number of inputs and outputs, as a program that edits networks writes it. Every byte is hostile:
/// see `NetworkAnswer`, whose limits hold here.
struct NetworkPart: Sendable {
  var bytes: [UInt8]
  /// What the checker found, or why it cannot be read or run.
  var problems: [String] = []
  var inputs: [String] = []
  var outputs: [String] = []
  /// The names of the nodes with the nodes that they read.
  var nodes: [StructurePicture.Node] = []
  /// Constants that no node reads.
  var unusedWeights = 0
  private var graph: Graph?

  /// - Throws: `answer.missing`; what is wrong inside becomes ``problems``.
  init(_ folder: String, _ name: String) throws {
    do {
      bytes = try MappedFile.contents(of: folder + "/" + name, limit: NetworkAnswer.fileLimit)
    } catch let error as DeployError {
      if error.id == .fileNotFound { throw DeployError(.answerMissing, "\(name) is not there") }
      throw AnswerFile.malformed(name, error.diagnostics[0].message)
    }
    examine()
  }

  init(_ graph: Graph) throws {
    bytes = try ONNXWriter.encode(graph, opset: 17)
    examine()
  }

  private mutating func examine() {
    do {
      let found = ONNXChecker.check(bytes: bytes).filter { $0.severity == .error }
      problems = found.prefix(4).map { "\($0.id.rawValue): \($0.message)" }
      let graph = try ONNXReader.read(bytes: bytes)
      try NetworkAnswer.checkSize(graph, isSingle: false)
      inputs = graph.inputs.map { graph[$0].name }
      outputs = graph.outputs.map { graph[$0].name }
      var writers: [ValueID: String] = [:]
      for node in graph.nodes {
        for id in node.outputs { writers[id] = node.name }
      }
      nodes = graph.nodes.map { node in
        let sources = node.inputs.compactMap { $0.flatMap { writers[$0] } }
        return StructurePicture.Node(name: node.name, inputs: sources)
      }
      let read = Set(graph.nodes.flatMap { $0.inputs.compactMap { $0 } } + graph.outputs)
      unusedWeights = graph.constants.count { !read.contains($0.id) }
      self.graph = graph
    } catch {
      if problems.isEmpty { problems = [NetworkAnswer.words(error)] }
    }
  }

  /// The outputs by name; nil where the network does not run on these inputs.
  func run(_ values: [String: Tensor]) -> [String: Tensor]? {
    guard let graph, problems.isEmpty, inputs.allSatisfy({ values[$0] != nil }) else { return nil }
    let own = values.filter { inputs.contains($0.key) }
    return try? NetworkAnswer.evaluate(graph, inputs: own)
  }

  func write(_ folder: String, _ name: String) throws {
    try AtomicFile.write(bytes, to: folder + "/" + name)
  }
}
