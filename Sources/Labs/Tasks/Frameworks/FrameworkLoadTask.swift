import Backends
import Diagnostics
import Files
import Formats
import Glibc
import Graphs
import Images
import Metrics
import Models
import Passes
import Pipelines
import Synchronization
import Tensors

/// Lab 25, expert: two engines at several batches → how many times as fast one is as the other at each, and between which two
/// batches the order turns round, if it does.
///
/// `in/…/network.onnx` (with an open batch), `task.json`. `out/…/loads.json`. Statements are wrong where the intervals that are
/// measured here refute them.
struct FrameworkLoadTask: CaseTask {
  static let name = "framework-load"
  let groups = ["loads"]
  /// The checkpoint that the network is made from.
  let model: String
  /// Where `Scripts/setup` keeps engines.
  let cache: String

  struct Problem: Sendable, Hashable, Codable {
    /// The times are those of the first over those of the second.
    var engines: [String]
    var size: Int
    var batches: [Int]
    var threads = 1
  }

  struct Answer: Sendable, Codable {
    /// By batch: the time of the first engine divided by that of the second.
    var times: [String: Double]
    /// Two neighbours of the list; nil where the order is the same in the whole range.
    var flipBetween: [Int]?
    /// Why an engine could not be measured.
    var absent: String?
    /// Of the grader's own answer.
    var intervals: [Int: BlockBootstrap.Estimate] = [:]

    private enum CodingKeys: CodingKey { case times, flipBetween, absent }
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    var engines = ["native", "onnxruntime"]
    if random.index(below: 2) == 1 { engines.reverse() }
    return Problem(
      engines: engines,
      size: [32, 64, 96][random.index(below: 3)],
      batches: [[1, 2, 4, 8], [1, 3, 6], [1, 2, 8]][random.index(below: 3)]
    )
  }

  func write(_ problem: Problem, to folder: String) throws {
    let path = folder + "/network.onnx"
    try ONNXWriter.write(try network(problem), to: path)
    chmod(path, 0o644)
    try AnswerFile.write(problem, folder, "task.json")
    let first = try measure(problem)
    Self.windows.withLock { $0[problem] = [first] }
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "loads.json")
    guard answer.absent == nil else { return answer }
    guard problem.batches.allSatisfy({ answer.times["\($0)"]?.isFinite == true }) else {
      throw AnswerFile.malformed("loads.json", "does not give a number for each of the batches")
    }
    let neighbours = zip(problem.batches, problem.batches.dropFirst()).map { [$0, $1] }
    if let flip = answer.flipBetween, !neighbours.contains(flip) {
      throw AnswerFile.malformed(
        "loads.json",
        "flipBetween is no pair of neighbours: \(flip.prefix(4))"
      )
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "loads.json")
  }

  // MARK: Measuring

  private enum Window: Sendable {
    case measured([Int: BlockBootstrap.Estimate])
    case absent(String)
  }
  private static let windows = Mutex<[Problem: [Window]]>([:])

  /// The network with an open batch, as it is exported.
  private func network(_ problem: Problem) throws -> Graph {
    let imported = try NetworkBench(model: model, dynamic: .batch, size: problem.size).graph
    return try PassManager(PassCatalog.export.passes).run(on: imported).graph
  }

  private func measure(_ problem: Problem) throws -> Window {
    let graph = try network(problem)
    var found: [Int: BlockBootstrap.Estimate] = [:]
    for batch in problem.batches {
      let type = TensorType(.float32, Shape([batch, 3, problem.size, problem.size]))
      let bound = try graph.retyped(inputs: [graph[graph.inputs[0]].name: type])
      var runs: [() throws -> Void] = []
      for name in problem.engines {
        var choice = BackendChoice(name, cache: cache)
        choice.threadCount = problem.threads
        do {
          let (backend, configuration) = (try choice.open(), choice.configuration)
          let plan = try Waiting.result {
            try await backend.build(bound, configuration: configuration).plan
          }
          let session = try plan.makeSession()
          let shape = Shape([batch, 3, problem.size, problem.size])
          let input = try session.input(plan.info.inputs[0].name, shape: shape)
          try input.withScalars(of: Float.self) { $0.update(repeating: 0.5) }
          runs.append { try session.run(observer: nil) }
        } catch let error as DeployError where error.id == .backendUnavailable {
          return .absent("\(name): \(error.diagnostics[0].message.prefix(120))")
        }
      }
      found[batch] = try TurnTimes(seconds: 0.6, runs) { _ in }.ratio(0, to: 1)
    }
    return .measured(found)
  }

  private func joined(_ problem: Problem) throws -> Window {
    var windows = Self.windows.withLock { $0[problem] } ?? []
    while windows.count < 2 { windows.append(try measure(problem)) }
    let found = windows
    Self.windows.withLock { $0[problem] = found }
    guard case .measured(let before) = windows[0], case .measured(let after) = windows[1] else {
      return windows[0]
    }
    return .measured(before.merging(after) { $0.joined($1) })
  }

  func reference(_ problem: Problem) throws -> Answer {
    guard case .measured(let intervals) = try joined(problem) else {
      return Answer(times: [:])
    }
    return Answer(
      times: Dictionary(
        intervals.map { ("\($0.key)", $0.value.value) },
        uniquingKeysWith: { first, _ in first }
      ),
      flipBetween: Self.flip(Self.signs(intervals, problem), problem),
      intervals: intervals
    )
  }

  /// 1 where the second engine is surely faster, -1 where the first is, 0 where nobody knows.
  private static func signs(
    _ intervals: [Int: BlockBootstrap.Estimate],
    _ problem: Problem
  ) -> [Int] {
    problem.batches.map { batch in
      guard let interval = intervals[batch] else { return 0 }
      return interval.lower > 1 ? 1 : interval.upper < 1 ? -1 : 0
    }
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    if case .absent(let words)? = try? joined(problem) {
      return Judgement(figures: [], doubt: .unsupported(words))
    }
    // Both engines are here, so that a program that calls one absent has not measured.
    let isMissing = answer.absent != nil
    var error = 0.0
    var place = answer.absent.map { String($0.prefix(120)) }
    for (batch, interval) in expected.intervals {
      let distance = FrameworkTask.distance(answer.times["\(batch)"] ?? 0, interval)
      guard distance > error else { continue }
      error = distance
      let shown = [answer.times["\(batch)"] ?? 0, interval.lower, interval.upper]
        .map { VerdictText.decimal($0, 2) }
      place = "batch \(batch): \(shown[0])× ≠ \(shown[1])…\(shown[2])×"
    }
    let isRefuted = Self.isRefuted(
      answer.flipBetween,
      Self.signs(expected.intervals, problem),
      problem
    )
    var judgement = Judgement(
      figures: [
        .init(name: "engines-missing", value: isMissing ? 1 : 0, rule: .atMost, limit: 0),
        .init(name: "speed-error", value: error, rule: .atMost, limit: bands("speed", or: 0.3)),
        .init(name: "flip-refuted", value: isRefuted ? 1 : 0, rule: .atMost, limit: 0),
      ],
      place: place
    )
    if error <= bands("speed", or: 0.3), isRefuted {
      let shown = problem.batches.compactMap { batch in
        expected.intervals[batch].map {
          "\(batch): \(VerdictText.decimal($0.lower, 2))…\(VerdictText.decimal($0.upper, 2))×"
        }
      }
      judgement.place =
        "flip \(answer.flipBetween.map { "\($0)" } ?? "none"); " + shown.joined(separator: ", ")
    }
    let wide = expected.intervals.values.first { $0.upper > 1.5 * $0.lower || $0.lower <= 0 }
    if let wide, judgement.isRight || wide.lower <= 0 {
      let shown = [wide.lower, wide.upper].map { VerdictText.decimal($0, 2) }
      judgement.doubt = .inconclusive("\(shown[0])…\(shown[1])×, 95 %")
    }
    return judgement
  }

  /// The neighbours behind which the order surely is another one than at first; nil where it never is.
  static func flip(_ signs: [Int], _ problem: Problem) -> [Int]? {
    guard let first = signs.first(where: { $0 != 0 }),
      let turned = signs.firstIndex(of: -first)
    else { return nil }
    return [problem.batches[turned - 1], problem.batches[turned]]
  }

  /// A flip is refuted where both ends surely stand alike, its absence where two loads surely do not.
  static func isRefuted(_ flip: [Int]?, _ signs: [Int], _ problem: Problem) -> Bool {
    guard let flip, let first = problem.batches.firstIndex(of: flip[0]) else {
      return signs.contains(1) && signs.contains(-1)
    }
    return signs[first] != 0 && signs[first] == signs[first + 1]
  }

  func title(_ problem: Problem) -> String {
    "\(problem.engines.joined(separator: " / ")), \(problem.size)×\(problem.size), batches \(problem.batches)"
  }

  func size(_ problem: Problem) -> Int { problem.size }

  /// For each batch the interval of how many times as fast, and what was said, by powers of two from the middle.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    guard !expected.intervals.isEmpty else { return nil }
    var chart = Chart(width: 240, height: 20 + 24 * problem.batches.count)
    func place(_ times: Double) -> Double { 0.5 + log2(max(times, 1e-6)) / 8 }
    for (index, batch) in problem.batches.enumerated() {
      guard let interval = expected.intervals[batch] else { continue }
      chart.bar(
        row: 2 * index,
        from: min(place(interval.lower), 0.5),
        to: max(place(interval.upper), 0.5),
        0,
        text: "\(batch)"
      )
      let said = place(answer.times["\(batch)"] ?? 1)
      chart.bar(row: 2 * index + 1, from: min(said, 0.5), to: max(said, 0.5), 3, text: "said")
    }
    return chart.image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    [
      .undo("loads-upside-down") { answer, _ in
        var answer = answer
        answer.times = answer.times.mapValues { $0 > 0 ? 1 / $0 : 0 }
        return answer
      },
      .undo("flip-not-seen-to") { answer, _ in
        var answer = answer
        answer.flipBetween = nil
        return answer
      },
    ]
  }
}
