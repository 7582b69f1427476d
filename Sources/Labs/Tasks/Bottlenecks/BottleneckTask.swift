import Diagnostics
import Glibc
import Images
import Metrics
import Synchronization

/// Lab 23: times of parts that run in turn or overlapped → the three hottest parts, and what the whole gains if some of
/// them become twice as fast.
///
/// `in/…/profile.json`: the parts with their measured times, how they run, and sets of parts. `out/…/claims.json`: the names of
/// the hottest parts, and for each set the promised speed-up. The grader makes the parts faster and measures.
struct BottleneckTask: CaseTask {
  static let name = "bottleneck"
  let groups = ["network", "pipeline"]
  /// The checkpoint that networks are made from.
  let model: String

  struct Part: Sendable, Hashable, Codable {
    var name: String
    var ms: Double
  }

  struct Problem: Sendable, Hashable, Codable {
    /// `in-turn`: one after the other; `overlapped`: each on a thread of its own.
    var mode: String
    var parts: [Part]
    /// What becomes twice as fast, each by itself.
    var asked: [[String]]
    /// Height and width of the network's input; 0 for a pipeline.
    var size: Int

    /// The time of the whole, or of one element in the long run, by the times of the parts.
    func total(_ ms: (Part) -> Double) -> Double {
      mode == "in-turn" ? parts.reduce(0) { $0 + ms($1) } : parts.map(ms).max() ?? 0
    }
  }

  struct Answer: Sendable, Codable {
    var hotspots: [String]
    var claims: [Double]
    /// What was measured, of the grader's own answer.
    var intervals: [BlockBootstrap.Estimate] = []

    private enum CodingKeys: CodingKey { case hotspots, claims }
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    guard group == "pipeline" else {
      let size = [96, 128, 160][random.index(below: 3)]
      let parts = try LayerBench.shared(model, size: size).parts
      return Problem(
        mode: "in-turn",
        parts: parts,
        asked: (0..<3).map { _ in Self.drawn(parts, &random) },
        size: size
      )
    }
    let names = ["read", "copy-in", "network", "copy-out", "write"]
    let count = 3 + random.index(below: 3)
    var parts = names.prefix(count).map { Part(name: $0, ms: Double(4 + random.index(below: 5))) }
    let slow = random.index(below: count)
    parts[slow].ms = Double(14 + random.index(below: 7))
    // The second slowest decides how much the bottleneck's speed-up brings.
    let second = (slow + 1 + random.index(below: count - 1)) % count
    parts[second].ms = Double(9 + random.index(below: 3))
    let others = parts.indices.filter { $0 != slow }
    let other = others[random.index(below: others.count)]
    return Problem(
      mode: "overlapped",
      parts: parts,
      asked: [[parts[slow].name], [parts[other].name], [parts[slow].name, parts[second].name]],
      size: 0
    )
  }

  /// Neighbours that take between a quarter and two thirds of the whole.
  private static func drawn(_ parts: [Part], _ random: inout SplitMix) -> [String] {
    let whole = parts.reduce(0) { $0 + $1.ms }
    for _ in 0..<200 {
      let first = random.index(below: parts.count)
      let count = 2 + random.index(below: parts.count / 2)
      let chosen = parts[first..<min(parts.count, first + count)]
      let share = chosen.reduce(0) { $0 + $1.ms } / whole
      if (0.25...0.67).contains(share) { return chosen.map(\.name) }
    }
    return parts.prefix(parts.count / 2).map(\.name)
  }

  func write(_ problem: Problem, to folder: String) throws {
    try AnswerFile.write(problem, folder, "profile.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "claims.json")
    guard answer.claims.count == problem.asked.count, answer.claims.allSatisfy(\.isFinite),
      answer.hotspots.count == 3
    else {
      throw AnswerFile.malformed(
        "claims.json",
        "needs three hotspots and a number for each of \(problem.asked.count) sets"
      )
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "claims.json")
  }

  /// What was measured of a problem, once for all answers to it.
  private static let measured = Mutex<[Problem: [BlockBootstrap.Estimate]]>([:])

  private func measure(_ problem: Problem) throws -> [BlockBootstrap.Estimate] {
    try problem.asked.map { names in
      func once() throws -> BlockBootstrap.Estimate {
        problem.size > 0
          ? try LayerBench.shared(model, size: problem.size).speedup(of: Set(names))
          : try PipelineBench.speedup(problem, of: Set(names))
      }
      var found = try once()
      // A busy moment is no reason to give up; after three of them the verdict is inconclusive.
      for _ in 0..<2 where found.upper > 1.35 * found.lower || found.lower <= 0 {
        found = try once()
      }
      return found
    }
  }

  /// Makes each set twice as fast, and measures.
  func reference(_ problem: Problem) throws -> Answer {
    let intervals = try Self.measured.withLock({ $0[problem] }) ?? measure(problem)
    Self.measured.withLock { $0[problem] = intervals }
    let hottest = problem.parts.sorted { $0.ms > $1.ms }.prefix(3).map(\.name)
    return Answer(hotspots: hottest, claims: intervals.map(\.value), intervals: intervals)
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    var worst = 0.0
    var place: String?
    for (index, (claim, interval)) in zip(answer.claims, expected.intervals).enumerated() {
      let error = FrameworkTask.distance(claim, interval)
      guard error > worst else { continue }
      worst = error
      let shown = [claim, interval.lower, interval.upper].map { VerdictText.decimal($0, 3) }
      let names = problem.asked[index]
      place =
        "\(names.count > 2 ? "\(names[0])…\(names[names.count - 1])" : names.joined(separator: "+")): "
        + "\(shown[0])× ≠ \(shown[1])…\(shown[2])×"
    }
    let hit = Set(answer.hotspots).intersection(expected.hotspots).count
    var judgement = Judgement(
      figures: [
        .init(name: "promise-error", value: worst, rule: .atMost, limit: bands("error", or: 0.15)),
        .init(name: "hotspots-right", value: Double(hit), rule: .atLeast, limit: 2),
      ],
      place: place
    )
    if hit < 2 { judgement.place = "\(answer.hotspots) ≠ \(expected.hotspots)" }
    // What is plainly wrong is so however wide the intervals are.
    if let wide = expected.intervals.first(where: { $0.upper > 1.35 * $0.lower }),
      judgement.isRight || wide.lower <= 0
    {
      let shown = [wide.lower, wide.upper].map { VerdictText.decimal($0, 2) }
      judgement.doubt = .inconclusive("\(shown[0])…\(shown[1])×, 95 %")
    }
    return judgement
  }

  func title(_ problem: Problem) -> String {
    problem.size > 0
      ? "\(problem.parts.count) parts in turn, \(problem.size)×\(problem.size)"
      : problem.parts.map { VerdictText.decimal($0.ms, 0) }.joined(separator: " | ") + " ms"
  }

  func size(_ problem: Problem) -> Int { problem.parts.count }

  /// The parts as bars of their times; below, what was promised of each set and what was measured.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    let rows = problem.parts.count + 3 * problem.asked.count
    var chart = Chart(width: 240, height: 16 + 10 * rows)
    let most = problem.parts.map(\.ms).max() ?? 1
    for (row, part) in problem.parts.enumerated() {
      let isHot = answer.hotspots.contains(part.name)
      chart.bar(row: row, from: 0, to: part.ms / most, isHot ? 1 : 0, text: part.name)
    }
    for (index, interval) in expected.intervals.enumerated() {
      let row = problem.parts.count + 3 * index + 1
      chart.bar(row: row, from: 0, to: answer.claims[index] / 3, 4, text: "promised")
      chart.bar(row: row + 1, from: 0, to: interval.value / 3, 2, text: "measured")
    }
    return chart.image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    /// Whether all promises follow from a wrong rule, within a per cent, and not all of them from the right one.
    func follows(
      _ id: String,
      _ rule: @escaping @Sendable (_ problem: Problem, _ names: Set<String>) -> Double
    ) -> Hypothesis<Problem, Answer> {
      .shows(id) { answer, problem in
        zip(answer.claims, problem.asked).allSatisfy { claim, names in
          abs(claim / rule(problem, Set(names)) - 1) < 0.01
        }
      }
    }
    @Sendable func ratio(_ problem: Problem, _ names: Set<String>, factor: Double) -> Double {
      problem.total(\.ms) / problem.total { names.contains($0.name) ? $0.ms / factor : $0.ms }
    }
    return [
      follows("whole-removed") { ratio($0, $1, factor: 1e9) },
      follows("time-for-speed") { 1 / ratio($0, $1, factor: 2) },
      follows("factor-promised") { _, _ in 2 },
      follows("sum-for-bottleneck") { problem, names in
        var other = problem
        other.mode = problem.mode == "in-turn" ? "overlapped" : "in-turn"
        return ratio(other, names, factor: 2)
      },
      .shows("coldest-named") { answer, problem in
        let coldest = problem.parts.sorted { $0.ms < $1.ms }.prefix(3).map(\.name)
        return Set(coldest) == Set(answer.hotspots)
      },
    ]
  }
}
