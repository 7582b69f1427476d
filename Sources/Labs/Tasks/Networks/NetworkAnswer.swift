import Diagnostics
import Files
import Formats
import Graphs
import Passes
import Tensors

/// A network that a program wrote as an ONNX file, and what it gives on some inputs.
///
/// Every byte is hostile: the file is checked by the project's own checker, may hold few nodes of few
/// operators, and is evaluated only where every shape is known beforehand and small.
struct NetworkAnswer: Sendable {
  /// What one run gave.
  struct Run: Sendable {
    var shape: [Int]
    var numbers: [Float]
  }

  /// The file.
  var bytes: [UInt8]
  /// What the checker found, or why it cannot be read.
  var problems: [String] = []
  var opset = 0
  /// How many nodes of each operator there are.
  var operators: [String: Int] = [:]
  var inputs: [Binding] = []
  var outputs: [Binding] = []
  /// One for each probe; nil where the network does not run there.
  var runs: [Run?] = []
  /// Why it does not run, at the first probe where it does not.
  var failure: String?

  /// The name and the type of an input or output.
  struct Binding: Sendable {
    var name: String
    var type: TensorType
  }

  /// The most bytes that a file may have.
  static let fileLimit = 8 << 20
  private static let nodeLimit = 2000
  /// Elements of all values together, and multiply-adds, of one run.
  private static let elementLimit = 16 << 20
  private static let workLimit: Int64 = 400_000_000
  /// What networks of these labs need; none of these makes much from little.
  private static let allowed: Set<String> = [
    "Add", "BatchNormalization", "Cast", "Clip", "Concat", "Constant", "Conv", "Div", "Dropout",
    "Flatten", "Gather", "GlobalAveragePool", "HardSigmoid", "HardSwish", "Identity", "MaxPool",
    "Max", "Min", "Mul", "ReduceMean", "Relu", "Reshape", "Resize", "Shape", "SiLU", "Sigmoid",
    "Slice", "Split",
    "Squeeze", "Sub", "Transpose", "Unsqueeze",
  ]

  /// Reads and runs a file.
  /// - Throws: `answer.missing`; what is wrong inside becomes ``problems``.
  init(_ folder: String, _ name: String, probes: [Probe]) throws {
    do {
      bytes = try MappedFile.contents(of: folder + "/" + name, limit: Self.fileLimit)
    } catch let error as DeployError {
      if error.id == .fileNotFound { throw DeployError(.answerMissing, "\(name) is not there") }
      throw AnswerFile.malformed(name, error.diagnostics[0].message)
    }
    examine(probes)
  }

  /// The answer that a graph is.
  init(_ graph: Graph, opset: Int, probes: [Probe]) throws {
    bytes = try ONNXWriter.encode(graph, opset: opset)
    examine(probes)
  }

  private mutating func examine(_ probes: [Probe]) {
    runs = probes.map { _ in nil }
    do {
      let facts = try ONNXFacts(bytes: bytes)
      (opset, operators) = (facts.opset, facts.operators)
      let found = ONNXChecker.check(bytes: bytes).filter { $0.severity == .error }
      problems = found.prefix(4).map { "\($0.id.rawValue): \($0.message)" }
      let graph = try ONNXReader.read(bytes: bytes)
      let binding = { (id: ValueID) in Binding(name: graph[id].name, type: graph[id].type) }
      (inputs, outputs) = (graph.inputs.map(binding), graph.outputs.map(binding))
      try Self.checkSize(graph)
      for (index, probe) in probes.enumerated() {
        do { runs[index] = try Self.run(graph, probe) } catch {
          failure = failure ?? "\(probe.words): \(Self.words(error))"
        }
      }
    } catch {
      if problems.isEmpty { problems = [Self.words(error)] }
    }
  }

  /// The innermost message says what is wrong, the outer ones where.
  static func words(_ error: any Error) -> String {
    guard let error = error as? DeployError else { return "\(error)" }
    return error.chain.map { $0.diagnostics[0].message }.joined(separator: ": ")
  }

  /// - Throws: `answer.malformed` for many nodes, and for operators that these labs do not use.
  static func checkSize(_ graph: Graph, isSingle: Bool = true) throws {
    guard graph.nodeCount <= nodeLimit else {
      throw AnswerFile.malformed(
        "the network",
        "has \(graph.nodeCount) nodes, \(nodeLimit) at most"
      )
    }
    if let node = graph.nodes.first(where: { !allowed.contains(type(of: $0.op).name) }) {
      throw AnswerFile.malformed(
        "the network",
        "uses \(type(of: node.op).name), which this lab does not"
      )
    }
    guard !isSingle || (graph.inputs.count == 1 && graph.outputs.count == 1) else {
      throw AnswerFile.malformed("the network", "must have one input and one output")
    }
  }

  /// Evaluates a network on one probe by its operators' definitions.
  static func run(_ graph: Graph, _ probe: Probe) throws -> Run {
    let input = graph[graph.inputs[0]]
    let type = TensorType(.float32, probe.shape)
    guard type.isCompatible(with: input.type) else {
      throw AnswerFile.malformed("the input", "is \(input.type), and cannot be \(type)")
    }
    let results = try evaluate(graph, inputs: [input.name: try probe.tensor()])
    guard let result = results.values.first else {
      throw AnswerFile.malformed("the network", "gives nothing")
    }
    let numbers = try result.converted(to: .float32).scalars(of: Float.self)
    return Run(shape: result.shape.dimensions, numbers: numbers)
  }

  /// Evaluates a network by its operators' definitions, where every shape is known beforehand and small.
  /// - Returns: the outputs by name.
  static func evaluate(_ graph: Graph, inputs: [String: Tensor]) throws -> [String: Tensor] {
    let types = inputs.mapValues { TensorType($0.scalarType, $0.shape) }
    let fixed = try settled(try graph.retyped(inputs: types))
    var (elements, work) = (0, Int64(0))
    for node in fixed.nodes {
      for id in node.outputs {
        guard let count = Shape.checkedCount(fixed[id].type.dimensions.map { $0.value ?? .max })
        else {
          throw AnswerFile.malformed("'\(fixed[id].name)'", "has no known shape: \(fixed[id].type)")
        }
        guard count <= elementLimit - elements else {
          throw AnswerFile.malformed("the network", "computes too many numbers")
        }
        elements += count
      }
      let cost = fixed.cost(of: node).multiplyAdds
      guard cost <= workLimit - work else {
        throw AnswerFile.malformed("the network", "has too much to compute")
      }
      work += cost
    }
    return try fixed.evaluate(inputs: inputs)
  }

  /// What is computed from shapes becomes known, so that nothing unknown is ever evaluated. One shape may
  /// depend on another.
  private static func settled(_ graph: Graph) throws -> Graph {
    let passes = PassManager([RewritePass(FoldShapes()), RewritePass(FoldConstants())])
    var (graph, count) = (graph, Int.max)
    for _ in 0..<20 where graph.nodeCount < count {
      count = graph.nodeCount
      graph = try passes.run(on: graph).graph
      try graph.inferTypes()
    }
    return graph
  }

  /// Whether a Resize is told its sizes by a constant.
  var hasFixedSizes: Bool {
    guard let graph = try? ONNXReader.read(bytes: bytes) else { return false }
    return graph.nodes.contains { node in
      guard node.op is Resize, node.inputs.count == 4, let sizes = node.inputs[3] else {
        return false
      }
      return graph[sizes].constant != nil
    }
  }

  func write(_ folder: String, _ name: String) throws {
    try AtomicFile.write(bytes, to: folder + "/" + name)
  }
}

extension NetworkAnswer {
  /// How far two networks are apart.
  struct Distance {
    /// Probes on which only one of the two runs.
    var failing = 0
    /// Probes on which the results have different shapes.
    var misshapen = 0
    /// The largest difference, over the largest magnitude of the right result.
    var error = 0.0
    /// Where the first difference is.
    var place: String?
  }

  func distance(to expected: NetworkAnswer, _ probes: [Probe], limit: Double) -> Distance {
    var result = Distance()
    for (index, probe) in probes.enumerated() {
      let (own, right) = (runs[index], expected.runs[index])
      guard let own, let right else {
        if (own == nil) != (right == nil) {
          result.failing += 1
          result.place = result.place ?? (own == nil ? failure : "\(probe.words): runs")
        }
        continue
      }
      guard own.shape == right.shape else {
        result.misshapen += 1
        result.place = result.place ?? "\(probe.words): \(Shape(own.shape)) ≠ \(Shape(right.shape))"
        continue
      }
      let largest = right.numbers.reduce(Float(1e-9)) { max($0, abs($1)) }
      for (place, (value, truth)) in zip(own.numbers, right.numbers).enumerated() {
        let error = Double(abs(value - truth) / largest)
        let bounded = error.isFinite ? error : 1e9
        if bounded > limit && result.place == nil {
          result.place = "\(probe.words), number \(place): \(value) ≠ \(truth)"
        }
        result.error = max(result.error, bounded)
      }
    }
    return result
  }
}
