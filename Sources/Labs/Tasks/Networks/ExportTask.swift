import Diagnostics
import Formats
import Graphs
import Images
import Metrics
import Tensors

/// Lab 7: a network as a training framework knows it, layer by layer → an ONNX file.
///
/// `in/…/network.json`: layers in order, the operator set and whether the batch is open; `in/…/LAYER.PART.npy`: weights.
/// `out/…/model.onnx`. It is read by the project's own checker and reader and run on inputs that the program never
/// sees.
struct ExportTask: CaseTask {
  static let name = "export"
  let groups = ["plain", "branches", "dynamic", "opsets"]

  /// One layer, by the names that PyTorch gives to its modules.
  struct Layer: Sendable, Codable {
    var name: String
    var type: String
    var inputs: [String]
    var channels: Int?
    var kernel: Int?
    var stride: Int?
    var padding: Int?
    var groups: Int?
    var epsilon: Float?
    var factor: Int?
    var p: Float?
    /// The files of its weights: weight, bias, gamma, beta, mean, variance.
    var parts: [String]?
  }

  struct Problem: Sendable {
    var height: Int
    var width: Int
    var opset: Int
    var isDynamic: Bool
    var layers: [Layer] = []
    /// `LAYER.PART` → shape and numbers.
    var weights: [String: (shape: [Int], numbers: [Float])] = [:]
    var seed: UInt64
    /// The mistakes that are made in building the network; none in the task.
    var flaws: Set<Flaw> = []

    var probes: [Probe] {
      (isDynamic ? [1, 3] : [1]).map { batch in
        Probe(batch: batch, height: height, width: width, seed: seed &+ UInt64(batch))
      }
    }
  }

  /// What can be built wrongly.
  enum Flaw: String, CaseIterable {
    case epsilonDefault = "epsilon-left-out"
    case paddingLost = "padding-left-out"
    case strideLost = "stride-left-out"
    case siluHalf = "silu-without-product"
    case hardDefault = "hard-sigmoid-default"
    case linear = "upsampled-linearly"
    case concatOrder = "concat-order"
  }

  private struct Document: Codable {
    var input: [Int]
    var output: String
    var opset: Int
    var dynamicBatch: Bool
    var layers: [Layer]
  }

  func write(_ problem: Problem, to folder: String) throws {
    let document = Document(
      input: [1, 3, problem.height, problem.width],
      output: problem.layers.last?.name ?? "",
      opset: problem.opset,
      dynamicBatch: problem.isDynamic,
      layers: problem.layers
    )
    try AnswerFile.write(document, folder, "network.json")
    for (name, weight) in problem.weights {
      let tensor = try Tensor(weight.numbers, shape: Shape(weight.shape))
      try AnswerFile.write(tensor, folder, name + ".npy")
    }
  }

  func read(_ folder: String, of problem: Problem) throws -> NetworkAnswer {
    try NetworkAnswer(folder, "model.onnx", probes: problem.probes)
  }

  func write(answer: NetworkAnswer, of problem: Problem, to folder: String) throws {
    try answer.write(folder, "model.onnx")
  }

  func reference(_ problem: Problem) throws -> NetworkAnswer {
    try NetworkAnswer(graph(problem), opset: problem.opset, probes: problem.probes)
  }

  func judge(
    _ answer: NetworkAnswer,
    _ expected: NetworkAnswer,
    _ problem: Problem,
    _ bands: Bands
  ) -> Judgement {
    let limit = bands("parity", or: 1e-4)
    let distance = answer.distance(to: expected, problem.probes, limit: limit)
    let names = Self.wrongNames(answer, problem)
    let training = answer.operators["Dropout", default: 0]
    func atMost(_ name: String, _ value: Double, _ limit: Double) -> Judgement.Figure {
      .init(name: name, value: value, rule: .atMost, limit: limit)
    }
    // Names and inferred types weigh something in a small file.
    let size = Double(answer.bytes.count) / Double(expected.bytes.count + 1024)
    var result = Judgement(figures: [
      atMost("onnx-problems", Double(answer.problems.count), 0),
      atMost("wrong-opset", answer.opset == problem.opset ? 0 : 1, 0),
      atMost("wrong-names-or-shapes", Double(names.count), 0),
      atMost("training-nodes", Double(training), 0),
      atMost("runs-that-fail", Double(distance.failing + distance.misshapen), 0),
      atMost("error", distance.error, limit),
      atMost("size-ratio", size, bands("size", or: 1.05)),
    ])
    guard !result.isRight else { return result }
    result.place =
      answer.problems.first ?? names.first ?? distance.place
      ?? (answer.opset != problem.opset ? "opset \(answer.opset) ≠ \(problem.opset)" : nil)
      ?? (training > 0 ? "Dropout × \(training)" : nil) ?? "\(answer.bytes.count) B"
    return result
  }

  private static func wrongNames(_ answer: NetworkAnswer, _ problem: Problem) -> [String] {
    guard let input = answer.inputs.first, let output = answer.outputs.first else { return [] }
    var wrong: [String] = []
    if input.name != "images" { wrong.append("input '\(input.name)' ≠ 'images'") }
    if output.name != "output" { wrong.append("output '\(output.name)' ≠ 'output'") }
    for binding in [input, output] where isFixed(binding) == problem.isDynamic {
      wrong.append("\(binding.name): \(binding.type), batch \(problem.isDynamic ? "N" : "1")")
    }
    let rest = input.type.dimensions.dropFirst().map(\.value)
    if rest != [3, problem.height, problem.width] { wrong.append("input \(input.type)") }
    return wrong
  }

  private static func isFixed(_ binding: NetworkAnswer.Binding) -> Bool {
    binding.type.dimensions.first?.value != nil
  }

  func title(_ problem: Problem) -> String {
    "\(problem.layers.count) layers, opset \(problem.opset), batch \(problem.isDynamic ? "N" : "1")"
  }

  func size(_ problem: Problem) -> Int { problem.layers.count }

  func picture(
    _ answer: NetworkAnswer,
    _ expected: NetworkAnswer,
    _ problem: Problem
  ) -> Image? {
    answer.picture(expected, problem.probes)
  }

  var hypotheses: [Hypothesis<Problem, NetworkAnswer>] {
    Flaw.allCases.map { flaw in
      .make(flaw.rawValue) { problem in
        var other = problem
        other.flaws = [flaw]
        return try ExportTask().reference(other)
      }
    } + [
      .shows("dropout-kept") { answer, _ in answer.operators["Dropout"] != nil },
      .shows("batch-fixed") { answer, _ in answer.inputs.first.map(Self.isFixed) ?? false },
      .shows("opset-not-asked-for") { answer, _ in
        answer.opset == 17 && answer.problems.isEmpty
      },
      .shows("newer-form") { answer, problem in
        // Nodes of a form that the stated operator set does not have yet, or has no longer.
        let isRight = answer.problems.isEmpty
        return problem.opset < 14 ? !isRight : isRight
      },
      .shows("weights-twice") { answer, _ in answer.problems.isEmpty && Self.isLarge(answer) },
    ]
  }

  /// Whether the file holds much more than its network reads.
  private static func isLarge(_ answer: NetworkAnswer) -> Bool {
    guard let graph = try? ONNXReader.read(bytes: answer.bytes) else { return false }
    let read = Set(graph.nodes.flatMap { $0.inputs.compactMap { $0 } })
    let bytes = graph.constants.reduce(0) { sum, value in
      read.contains(value.id) ? sum + (value.constant?.byteCount ?? 0) : sum
    }
    return answer.bytes.count > 3 * bytes / 2 + 4096
  }
}
