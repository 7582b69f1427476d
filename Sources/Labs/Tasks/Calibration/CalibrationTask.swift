import Diagnostics
import Files
import Glibc
import Graphs
import Images
import Metrics
import Passes
import Tensors

/// Lab 16: pictures, and what a network's values were on them → which pictures to calibrate with, and scales for 8 bits.
///
/// `in/…/task.json`, `pictures.npy` [P, C, H, W], for each value that is quantised `VALUE.npy` [P, C, H, W], for each convolution its weights.
/// `out/…/table.json`. The network is quantised with these scales by the project's own pass and run on pictures that nobody saw.
struct CalibrationTask: CaseTask {
  static let name = "calibration"
  let groups = ["clean", "dirty", "outliers", "biases"]

  /// What a picture of the pool is.
  enum Kind: String, Sendable {
    case good
    /// Nothing but zeros.
    case black
    /// From 0 to 255, where the network wants 0 to 1.
    case unscaled
    /// One of those that accuracy is measured on.
    case heldOut
  }

  struct Problem: Sendable {
    var group: String
    var graph: Graph
    var scheme: QuantizationScheme
    var kinds: [Kind]
    var pictures: [Tensor]
    /// For each value that is quantised, its numbers on each picture.
    var values: [String: [[Float]]]
    /// For each value, its least and greatest numbers on the pictures without a faulty pixel.
    var clean: [String: QuantizationRange]
    var hidden: [Tensor]
  }

  struct Scale: Sendable, Codable {
    var scale: Double
    var zero: Int
  }

  struct Answer: Sendable, Codable {
    var set: [Int]
    var scales: [String: Scale]
    var weights: [String: [Double]]
    var biases: [String: [Double]]?
  }

  private struct Convolution: Codable {
    var name: String
    var reads: String
  }

  private struct Settings: Codable {
    var scheme: String
    var method: String
    var correctBiases: Bool
    var values: [String]
    var convolutions: [Convolution]
    var heldOut: [String]
  }

  func write(_ problem: Problem, to folder: String) throws {
    let graph = problem.graph
    var convolutions: [Convolution] = []
    for node in InsertQuantization.convolutions(graph) {
      guard let operand = node.inputs[0] else { continue }
      convolutions.append(Convolution(name: node.name, reads: graph[operand].name))
      for (part, id) in zip(["weight", "bias"], node.inputs.dropFirst()) {
        guard let tensor = id.flatMap({ graph[$0].constant }) else { continue }
        try AnswerFile.write(tensor, folder, "\(node.name).\(part).npy")
      }
    }
    let settings = Settings(
      scheme: problem.scheme.rawValue,
      method: problem.group == "outliers" ? "free" : "minmax",
      correctBiases: problem.group == "biases",
      values: problem.values.keys.sorted(),
      convolutions: convolutions,
      heldOut: try problem.hidden.map(Self.digest)
    )
    try AnswerFile.write(settings, folder, "task.json")
    let side = Self.side
    let shape = Shape([problem.pictures.count, 3, side, side])
    let all = try problem.pictures.flatMap { try $0.scalars(of: Float.self) }
    try AnswerFile.write(try Tensor(all, shape: shape), folder, "pictures.npy")
    for (name, rows) in problem.values {
      let channels = rows[0].count / (side * side)
      let numbers = try Tensor(Array(rows.joined()), shape: [rows.count, channels, side, side])
      try AnswerFile.write(numbers, folder, "\(name).npy")
    }
  }

  /// The SHA-256 of a picture's numbers as they lie in memory.
  private static func digest(_ picture: Tensor) throws -> String {
    try picture.withBytes { SHA256.hex($0) }
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "table.json")
    guard !answer.set.isEmpty, Set(answer.set).count == answer.set.count,
      answer.set.allSatisfy(problem.pictures.indices.contains)
    else { throw AnswerFile.malformed("table.json", "lists no set of the pictures") }
    for name in problem.values.keys {
      guard let scale = answer.scales[name], scale.scale.isFinite,
        (1e-30...1e30).contains(scale.scale),
        (-128...255).contains(scale.zero)
      else { throw AnswerFile.malformed("table.json", "states no scale and zero of '\(name)'") }
    }
    for node in InsertQuantization.convolutions(problem.graph) {
      let count = node.inputs[1].flatMap { problem.graph[$0].constant?.shape.dimensions[0] }
      guard answer.weights[node.name]?.count == count else {
        throw AnswerFile.malformed(
          "table.json",
          "states no scale for each channel of '\(node.name)'"
        )
      }
      guard problem.group != "biases" || answer.biases?[node.name]?.count == count else {
        throw AnswerFile.malformed("table.json", "states no biases of '\(node.name)'")
      }
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "table.json")
  }

  func reference(_ problem: Problem) throws -> Answer {
    let set = problem.kinds.indices.filter { problem.kinds[$0] == .good }
    let ranges =
      problem.group == "outliers" ? problem.clean : Self.ranges(problem, set)
    return try Self.answer(problem, set, ranges, problem.scheme)
  }

  /// Everything that was seen on some pictures, by value.
  static func ranges(_ problem: Problem, _ set: [Int]) -> [String: QuantizationRange] {
    problem.values.mapValues { rows in
      let numbers = set.map { rows[$0] }
      return QuantizationRange(
        lower: numbers.reduce(Float.infinity) { min($0, $1.min() ?? $0) },
        upper: numbers.reduce(-Float.infinity) { max($0, $1.max() ?? $0) }
      )
    }
  }

  /// What the project's pass makes of ranges.
  static func answer(
    _ problem: Problem,
    _ set: [Int],
    _ ranges: [String: QuantizationRange],
    _ scheme: QuantizationScheme
  ) throws -> Answer {
    var answer = Answer(set: set, scales: [:], weights: [:], biases: nil)
    for (name, range) in ranges {
      let (scale, zero) = scheme.parameters(range)
      answer.scales[name] = Scale(scale: Double(scale), zero: zero)
    }
    let graph = try quantized(problem, ranges, scheme, set)
    for node in graph.nodes where node.op is Conv {
      guard let weight = node.inputs[1], let source = graph.producer(of: weight),
        let scales = source.inputs[1].flatMap({ graph[$0].constant })
      else { continue }
      answer.weights[node.name] = try scales.scalars(of: Float.self).map(Double.init)
      guard problem.group == "biases", let bias = node.inputs[2].flatMap({ graph[$0].constant })
      else { continue }
      answer.biases = answer.biases ?? [:]
      answer.biases?[node.name] = try bias.scalars(of: Float.self).map(Double.init)
    }
    return answer
  }

  static func quantized(
    _ problem: Problem,
    _ ranges: [String: QuantizationRange],
    _ scheme: QuantizationScheme,
    _ set: [Int]
  ) throws -> Graph {
    var pass = InsertQuantization(ranges: ranges, scheme: scheme)
    if problem.group == "biases" {
      pass.means = problem.values.mapValues { rows in means(set.map { rows[$0] }) }
    }
    return try PassManager([pass]).run(on: problem.graph).graph
  }

  /// The mean of each channel over some pictures.
  private static func means(_ rows: [[Float]]) -> [Float] {
    let plane = side * side
    return (0..<(rows.first?.count ?? 0) / plane).map { channel in
      let sum = rows.reduce(0.0) { sum, row in
        row[channel * plane..<(channel + 1) * plane].reduce(sum) { $0 + Double($1) }
      }
      return Float(sum / Double(rows.count * plane))
    }
  }

  func title(_ problem: Problem) -> String {
    "\(problem.group), \(problem.pictures.count) pictures, \(problem.scheme.rawValue)"
  }

  func size(_ problem: Problem) -> Int { problem.pictures.count }

  /// Height and width of every picture and value.
  static let side = 12
}
