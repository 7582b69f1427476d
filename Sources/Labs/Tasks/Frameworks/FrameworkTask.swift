import Diagnostics
import Files
import Glibc
import Images
import Metrics

/// Lab 25: records of runs on several engines → which comparisons are unfair and why; and engines measured
/// like with like.
///
/// `in/…/runs.json` (group `unfair`): pairs of records. `in/…/network.onnx`, `task.json` (the others): a network and the engines
/// to measure. `out/…/answer.json`: the reasons against each pair, or what was measured and concluded.
struct FrameworkTask: CaseTask {
  static let name = "frameworks"
  let groups = ["unfair", "two", "three"]
  /// The checkpoint that the network is made from.
  let model: String
  /// Where `Scripts/setup` keeps engines.
  let cache: String

  struct Problem: Sendable {
    var pairs: [Pair] = []
    /// The engines in the order asked for, the first being what the others are compared with.
    var engines: [String] = []
    /// Height and width of the network's input, in pixels.
    var size = 0
  }

  struct Measured: Sendable, Codable {
    /// Milliseconds of one run, the median.
    var ms: Double
    /// Pictures per second.
    var throughput: Double
    /// The time of the first engine divided by its own.
    var times: Double
  }

  struct Answer: Sendable, Codable {
    /// For each pair, what speaks against it.
    var reasons: [[String]]?
    var engines: [String: Measured]?
    var fastest: String?
    /// The fastest is at least so many times as fast as the first.
    var atLeast: Double?
    /// Engines that the program could not run, and why.
    var absent: [String: String]?
  }

  private struct Settings: Codable {
    var engines: [String]
    var size: Int
    var threads = 1
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    guard group != "unfair" else {
      return Problem(pairs: (0..<6).map { _ in Pair.drawn(&random) })
    }
    let size = [32, 64][random.index(below: 2)]
    var engines = ["reference", "native"]
    if group == "three" { engines.append("onnxruntime") }
    // The baseline is drawn, too.
    if random.index(below: 2) == 1 { engines.reverse() }
    return Problem(engines: engines, size: size)
  }

  func write(_ problem: Problem, to folder: String) throws {
    guard problem.pairs.isEmpty else {
      return try AnswerFile.write(problem.pairs, folder, "runs.json")
    }
    // Engines are measured before the program and after it: both saw the machine as it saw it.
    let bytes = try MappedFile.contents(
      of: EngineBench.begin(model, cache: cache, problem).network
    )
    try AtomicFile.write(bytes, to: folder + "/network.onnx")
    chmod(folder + "/network.onnx", 0o644)
    let settings = Settings(engines: problem.engines, size: problem.size)
    try AnswerFile.write(settings, folder, "task.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "answer.json")
    guard problem.pairs.isEmpty else {
      guard let reasons = answer.reasons, reasons.count == problem.pairs.count,
        reasons.joined().count < 100
      else {
        throw AnswerFile.malformed("answer.json", "has no reasons for each of the pairs")
      }
      return answer
    }
    let engines = answer.engines ?? [:]
    guard let atLeast = answer.atLeast, atLeast.isFinite, answer.fastest != nil,
      engines.values.allSatisfy({ $0.ms.isFinite && $0.throughput.isFinite && $0.times.isFinite }),
      problem.engines.allSatisfy({ engines[$0] != nil || answer.absent?[$0] != nil })
    else {
      throw AnswerFile.malformed(
        "answer.json",
        "does not tell of \(problem.engines.joined(separator: ", ")), or holds no number"
      )
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "answer.json")
  }

  func reference(_ problem: Problem) throws -> Answer {
    guard problem.pairs.isEmpty else { return Answer(reasons: problem.pairs.map(\.reasons)) }
    let bench = try EngineBench.shared(model, cache: cache, problem)
    var answer = Answer(engines: [:], absent: bench.absent)
    for (name, times) in bench.times {
      answer.engines?[name] = Measured(
        ms: bench.milliseconds[name] ?? 0,
        throughput: 1000 / (bench.milliseconds[name] ?? 1),
        times: times.value
      )
    }
    let best = bench.times.max { $0.value.value < $1.value.value }
    (answer.fastest, answer.atLeast) = (best?.key, best?.value.lower)
    return answer
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    if let right = expected.reasons { return judge(answer.reasons ?? [], right) }
    guard let bench = try? EngineBench.shared(model, cache: cache, problem) else {
      return Judgement(figures: [], doubt: .unsupported("NetworkBench"))
    }
    if let name = problem.engines.first(where: { bench.absent[$0] != nil }) {
      let words = bench.absent[name] ?? ""
      return Judgement(figures: [], doubt: .unsupported("\(name): \(words.prefix(120))"))
    }
    // An engine that is here is nobody's excuse: only what the grader lacks does not count.
    let missing = problem.engines.filter { answer.engines?[$0] == nil }
    var (speed, torn) = (0.0, 0.0)
    var place = missing.first.map { "\($0): –" }
    for name in problem.engines {
      guard let row = answer.engines?[name], let times = bench.times[name] else { continue }
      let error = Self.distance(row.times, times)
      torn = max(torn, abs(row.ms * row.throughput / 1000 - 1))
      if error > speed {
        speed = error
        let shown = [row.times, times.lower, times.upper].map { VerdictText.decimal($0, 2) }
        place = "\(name): \(shown[0])× ≠ \(shown[1])…\(shown[2])×"
      }
    }
    let (best, lower) = (expected.fastest ?? "", expected.atLeast ?? 1)
    // What was said is refuted where the whole interval lies below it.
    let claimed = bench.times[answer.fastest ?? ""]?.upper ?? 0
    let isBest = claimed >= bench.times.values.map(\.lower).max() ?? 1
    let atLeast = answer.atLeast ?? 0
    var judgement = Judgement(
      figures: [
        .init(name: "engines-missing", value: Double(missing.count), rule: .atMost, limit: 0),
        .init(name: "speed-error", value: speed, rule: .atMost, limit: bands("speed", or: 0.2)),
        .init(name: "latency·throughput-1", value: torn, rule: .atMost, limit: 0.02),
        .init(
          name: "fastest-named",
          value: isBest ? 1 : 0,
          rule: .atLeast,
          limit: 1
        ),
        .init(
          name: "measured/claimed",
          value: claimed / max(atLeast, 1e-9),
          rule: .atLeast,
          limit: 1
        ),
        .init(
          name: "claimed/measured",
          value: atLeast / lower,
          rule: .atLeast,
          limit: bands("sharpness", or: 0.5)
        ),
      ],
      place: place
    )
    if judgement.isRight == false, judgement.place == nil {
      judgement.place =
        "\(answer.fastest ?? "–") ≥ \(VerdictText.decimal(atLeast, 2))× ≠ "
        + "\(best) ≥ \(VerdictText.decimal(lower, 2))×"
    }
    // What is plainly wrong is so however wide the intervals are.
    if let wide = bench.times.values.first(where: { $0.upper > 1.5 * $0.lower || $0.lower <= 0 }),
      judgement.isRight || wide.lower <= 0
    {
      let shown = [wide.lower, wide.upper].map { VerdictText.decimal($0, 2) }
      judgement.doubt = .inconclusive("\(shown[0])…\(shown[1])×, 95 %")
    }
    return judgement
  }

  private func judge(_ reasons: [[String]], _ right: [[String]]) -> Judgement {
    let wrong = zip(reasons, right).enumerated().filter { Set($0.element.0) != Set($0.element.1) }
    func shown(_ words: [String]) -> String {
      words.isEmpty ? "fair" : words.joined(separator: "+")
    }
    return Judgement(
      figures: [
        .init(name: "misjudged-pairs", value: Double(wrong.count), rule: .atMost, limit: 0)
      ],
      place: wrong.first.map { index, pair in
        "pair \(index): \(shown(pair.0)) ≠ \(shown(pair.1.sorted()))"
      }
    )
  }

  static func distance(_ value: Double, _ interval: BlockBootstrap.Estimate) -> Double {
    value > 0 ? max(0, interval.lower / value - 1, value / interval.upper - 1) : .infinity
  }

  func title(_ problem: Problem) -> String {
    problem.pairs.isEmpty
      ? "\(problem.engines.joined(separator: ", ")), \(problem.size)×\(problem.size)"
      : "\(problem.pairs.count) pairs"
  }

  func size(_ problem: Problem) -> Int { problem.pairs.count + problem.engines.count }

  /// One bar for each engine, in the logarithm of how many times as fast; a thin one where it was said.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    guard let engines = expected.engines, !engines.isEmpty else { return nil }
    var chart = Chart(width: 200, height: 20 + 24 * engines.count)
    let most = log2(max(2, engines.values.map { max($0.times, 1 / $0.times) }.max() ?? 2)) * 1.2
    func place(_ times: Double) -> Double { 0.5 + log2(max(times, 1e-6)) / most / 2 }
    for (index, name) in problem.engines.enumerated() {
      guard let right = engines[name] else { continue }
      let (low, high) = (min(place(right.times), 0.5), max(place(right.times), 0.5))
      chart.bar(row: 2 * index, from: low, to: high, index, text: name)
      if let row = answer.engines?[name] {
        let end = place(row.times)
        chart.bar(row: 2 * index + 1, from: min(end, 0.5), to: max(end, 0.5), index + 3)
      }
    }
    return chart.image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    let (model, cache) = (model, cache)
    let missed = Pair.allReasons.map { reason in
      Hypothesis<Problem, Answer>.make("\(reason)-not-looked-at") { problem in
        guard !problem.pairs.isEmpty else { return nil }
        return Answer(reasons: problem.pairs.map { $0.reasons.filter { $0 != reason } })
      }
    }
    return missed + [
      .shows("engines-upside-down") { answer, problem in
        guard let bench = try? EngineBench.shared(model, cache: cache, problem) else {
          return false
        }
        return problem.engines.dropFirst().contains { name in
          guard let row = answer.engines?[name], let times = bench.times[name] else { return false }
          return row.times > 0 && Self.distance(1 / row.times, times) < 0.25
            && Self.distance(row.times, times) > 0.25
        }
      },
      .shows("throughput-per-millisecond") { answer, _ in
        guard let engines = answer.engines, !engines.isEmpty else { return false }
        return engines.values.allSatisfy { abs($0.ms * $0.throughput - 1) < 0.02 }
      },
      .shows("slowest-named") { answer, problem in
        guard let bench = try? EngineBench.shared(model, cache: cache, problem) else {
          return false
        }
        return answer.fastest == bench.times.min { $0.value.value < $1.value.value }?.key
          && bench.times.count > 1
      },
    ]
  }
}
