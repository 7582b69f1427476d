import Diagnostics
import Files
import Glibc
import Images
import Metrics
import Pipelines
import Reports
import Synchronization

/// Lab 24, expert: one network at two sizes, each in three precisions → at which size which precision gains more, and
/// whether the orderings by speed differ.
///
/// `in/…/fp32-64.onnx`, `int8-64.onnx`, … and `task.json`. `out/…/contrast.json`. Every statement is judged by the ends of
/// intervals: it is wrong where they refute it.
struct PrecisionContrastTask: CaseTask {
  static let name = "precision-contrast"
  let groups = ["two-sizes"]
  /// The checkpoint that the networks are made from.
  let model: String
  /// Where `Scripts/setup` keeps engines: programs see oneDNN, and so must the grader.
  let cache: String

  struct Problem: Sendable, Hashable {
    /// Height and width of the inputs, in pixels; the smaller first.
    var sizes: [Int]
    var seed: Int
  }

  struct Answer: Sendable, Codable {
    /// Do the orderings by speed differ: `yes`, `no`, or `unsure` where the intervals do not say.
    var ordersDiffer: String
    /// This precision is at least so many times as fast (each time against fp32 of the same size) at one size as
    /// at the other.
    var precision: String
    var faster: Int
    var atLeast: Double
    /// The measured times of fp32 over their own, by size and precision.
    var times: [String: [String: Double]]
    /// Of the grader's own answer.
    var intervals: [String: [String: PrecisionTruth.Interval]] = [:]

    private enum CodingKeys: CodingKey { case ordersDiffer, precision, faster, atLeast, times }
  }

  private struct Settings: Codable {
    var sizes: [Int]
    var precisions = ["fp32", "fp16", "int8"]
    /// One drawn picture: accuracy is not asked for here.
    var data: [String: String]
    var threads = 1
  }

  static let precisions = ["fp32", "fp16", "int8"]

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    Problem(
      sizes: [[32, 64][random.index(below: 2)], [224, 256][random.index(below: 2)]],
      seed: random.index(below: 100_000)
    )
  }

  private func data(_ problem: Problem, _ size: Int) -> String {
    "synth:seed=\(problem.seed),count=1,size=\(size)"
  }

  func write(_ problem: Problem, to folder: String) throws {
    for size in problem.sizes {
      let files = try PrecisionFiles.shared(model, size: size, keepsHead: false)
      for precision in ["fp32", "int8"] {
        let path = "\(folder)/\(precision)-\(size).onnx"
        try AtomicFile.write(try MappedFile.contents(of: files.path(precision)), to: path)
        chmod(path, 0o644)
      }
    }
    let data = problem.sizes.map { ("\($0)", self.data(problem, $0)) }
    let settings = Settings(
      sizes: problem.sizes,
      data: Dictionary(data, uniquingKeysWith: { first, _ in first })
    )
    try AnswerFile.write(settings, folder, "task.json")
    let first = try window(problem)
    Self.windows.withLock { $0[problem] = [first] }
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "contrast.json")
    let times = problem.sizes.flatMap { size in
      Self.precisions.map { answer.times["\(size)"]?[$0] }
    }
    guard problem.sizes.contains(answer.faster), Self.precisions.contains(answer.precision),
      ["yes", "no", "unsure"].contains(answer.ordersDiffer), answer.atLeast.isFinite,
      times.allSatisfy({ $0?.isFinite == true })
    else {
      throw AnswerFile.malformed(
        "contrast.json",
        "does not state times of three precisions at two sizes, a precision, a size and a number"
      )
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "contrast.json")
  }

  // MARK: Measuring

  private typealias Window = [String: [String: PrecisionTruth.Interval]]
  private static let windows = Mutex<[Problem: [Window]]>([:])

  private func window(_ problem: Problem) throws -> Window {
    try problem.sizes.reduce(into: [:]) { window, size in
      let files = try PrecisionFiles.shared(model, size: size, keepsHead: false)
      var job = PrecisionJob(model: files.path("fp32"), data: data(problem, size))
      job.precisions = [.fp32, .fp16, .int8]
      job.quantizedModel = files.path("int8")
      (job.duration, job.resampleCount) = (0.6, 0)
      job.backend = BackendChoice("native", threadCount: 1, cache: cache)
      let ready = job
      let rows = try Waiting.result { try await ready.report().precision?.rows ?? [] }
      window["\(size)"] = rows.reduce(into: [:]) {
        $0[$1.precision] = PrecisionTruth.Interval($1)
      }
    }
  }

  /// What was measured before the program and after it, joined.
  private func intervals(_ problem: Problem) throws -> Window {
    var windows = Self.windows.withLock { $0[problem] } ?? []
    while windows.count < 2 { windows.append(try window(problem)) }
    let found = windows
    Self.windows.withLock { $0[problem] = found }
    return windows.dropFirst().reduce(into: windows[0]) { joined, next in
      joined.merge(next) { $0.merging($1) { $0.joined($1) } }
    }
  }

  func reference(_ problem: Problem) throws -> Answer {
    let intervals = try intervals(problem)
    let sides = Contrast(intervals, problem.sizes)
    return Answer(
      ordersDiffer: sides.ordersDiffer,
      precision: sides.best.precision,
      faster: sides.best.size,
      atLeast: sides.best.lower,
      times: intervals.mapValues { $0.mapValues { ($0.lower * $0.upper).squareRoot() } },
      intervals: intervals
    )
  }

  /// What intervals at two sizes say.
  private struct Contrast {
    var ordersDiffer: String
    /// The statement that surely holds with the largest number.
    var best: (precision: String, size: Int, lower: Double)

    init(_ intervals: Window, _ sizes: [Int]) {
      func at(_ size: Int, _ precision: String) -> PrecisionTruth.Interval {
        intervals["\(size)"]?[precision] ?? PrecisionTruth.Interval(lower: 1, upper: 1)
      }
      best = ("int8", sizes[0], 0)
      for precision in precisions.dropFirst() {
        for (own, other) in [(sizes[0], sizes[1]), (sizes[1], sizes[0])] {
          let lower = at(own, precision).lower / max(at(other, precision).upper, 1e-9)
          if lower > best.lower { best = (precision, own, lower) }
        }
      }
      /// 1 where the first is surely faster, -1 where the second is, nil where nobody knows.
      func sign(_ size: Int, _ first: String, _ second: String) -> Int? {
        if at(size, first).lower > at(size, second).upper { return 1 }
        return at(size, second).lower > at(size, first).upper ? -1 : nil
      }
      let pairs = [("fp32", "fp16"), ("fp32", "int8"), ("fp16", "int8")]
      let signs = pairs.map { (sign(sizes[0], $0, $1), sign(sizes[1], $0, $1)) }
      ordersDiffer =
        signs.contains { $0.0 != nil && $0.1 != nil && $0.0 != $0.1 }
        ? "yes" : signs.allSatisfy { $0.0 != nil && $0.0 == $0.1 } ? "no" : "unsure"
    }
  }

  // MARK: Judging

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    var error = 0.0
    var place: String?
    for (size, row) in expected.intervals {
      for (precision, interval) in row {
        let distance = interval.distance(answer.times[size]?[precision] ?? 0)
        guard distance > error else { continue }
        error = distance
        let shown = [answer.times[size]?[precision] ?? 0, interval.lower, interval.upper]
          .map { VerdictText.decimal($0, 2) }
        place = "\(precision) at \(size): \(shown[0])× ≠ \(shown[1])…\(shown[2])×"
      }
    }
    let other = problem.sizes.first { $0 != answer.faster } ?? 0
    let own = expected.intervals["\(answer.faster)"]?[answer.precision]
    let against = expected.intervals["\(other)"]?[answer.precision]
    let most = (own?.upper ?? 0) / max(against?.lower ?? 0, 1e-9)
    let isRefuted =
      expected.ordersDiffer != "unsure" && answer.ordersDiffer != expected.ordersDiffer
    var judgement = Judgement(
      figures: [
        .init(name: "speed-error", value: error, rule: .atMost, limit: bands("speed", or: 0.25)),
        .init(
          name: "measured/claimed",
          value: most / max(answer.atLeast, 1e-9),
          rule: .atLeast,
          limit: 1
        ),
        .init(
          name: "claimed/best",
          value: answer.atLeast / max(expected.atLeast, 1e-9),
          rule: .atLeast,
          limit: bands("sharpness", or: 0.6)
        ),
        .init(name: "orders-refuted", value: isRefuted ? 1 : 0, rule: .atMost, limit: 0),
      ],
      place: place
    )
    if error <= bands("speed", or: 0.25) {
      judgement.place =
        isRefuted
        ? "orders differ: \(answer.ordersDiffer) ≠ \(expected.ordersDiffer)"
        : "\(answer.precision) at \(answer.faster) ≥ \(VerdictText.decimal(answer.atLeast, 2))×, "
          + "95 %: ≤ \(VerdictText.decimal(most, 2))×"
    }
    let wide = expected.intervals.values.flatMap(\.values).first { $0.isWide }
    if let wide, judgement.isRight || wide.lower <= 0 {
      let shown = [wide.lower, wide.upper].map { VerdictText.decimal($0, 2) }
      judgement.doubt = .inconclusive("\(shown[0])…\(shown[1])×, 95 %")
    }
    return judgement
  }

  func title(_ problem: Problem) -> String {
    problem.sizes.map { "\($0)×\($0)" }.joined(separator: " and ")
  }

  func size(_ problem: Problem) -> Int { problem.sizes[0] }

  /// For each size and precision how many times as fast: the interval, and below it what was said.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    var chart = Chart(width: 240, height: 16 + 120)
    let most = 1.2 * (expected.intervals.values.flatMap { $0.values.map(\.upper) }.max() ?? 4)
    for (column, size) in problem.sizes.enumerated() {
      for (index, precision) in Self.precisions.enumerated() {
        let row = 6 * column + 2 * index
        guard let interval = expected.intervals["\(size)"]?[precision] else { continue }
        chart.bar(
          row: row,
          from: 0,
          to: interval.upper / most,
          index,
          text: "\(precision) \(size)"
        )
        let said = answer.times["\(size)"]?[precision] ?? 0
        chart.bar(row: row + 1, from: 0, to: said / most, index + 3, text: "said")
      }
    }
    return chart.image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    [
      .undo("sizes-swapped") { answer, problem in
        var answer = answer
        answer.faster = problem.sizes.first { $0 != answer.faster } ?? 0
        return answer
      },
      .shows("gain-not-divided") { answer, _ in
        guard let times = answer.times["\(answer.faster)"]?[answer.precision] else { return false }
        return (0.75...1.05).contains(answer.atLeast / times)
      },
    ]
  }
}
