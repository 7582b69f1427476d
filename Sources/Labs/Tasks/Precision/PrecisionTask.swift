import Diagnostics
import Files
import Glibc
import Images
import Metrics
import Pipelines
import Reports

/// Lab 24: one network in three precisions → what each weighs, finds and takes, and what follows.
///
/// `in/…/a.onnx`, `b.onnx`, `c.onnx` in an order that is drawn; `task.json` with the size of the input and the labelled
/// pictures as `vitrine val --data` takes them. `out/…/table.json`: for each file its precision, bytes, AP and how many
/// times as fast as fp32 it is; and a conclusion: which is at least how many times as fast.
struct PrecisionTask: CaseTask {
  static let name = "precision"
  let groups = ["all-bytes", "head-in-float", "by-size"]
  /// The checkpoint that the networks are made from.
  let model: String
  /// Where `Scripts/setup` keeps engines: programs see oneDNN, and so must the grader.
  let cache: String

  struct Problem: Sendable, Hashable {
    let size: Int
    let seed: Int
    let keepsHead: Bool
    /// The precisions of a, b and c.
    let order: [String]
    /// Whether accuracy is asked for by the size of boxes; speed is not judged then.
    let isBySize: Bool
  }

  struct Row: Sendable, Codable {
    var precision: String
    var bytes: Int
    var ap: Double
    /// The time of fp32 divided by its own.
    var times: Double
    /// AP of small, medium and large boxes; without those sizes of which there are no labels.
    var apBySize: [String: Double]?
  }

  struct Conclusion: Sendable, Codable {
    /// `a`, `b` or `c`.
    var model: String
    /// It is at least so many times as fast as fp32.
    var atLeast: Double
  }

  struct Answer: Sendable, Codable {
    var models: [String: Row]
    var conclusion: Conclusion
  }

  private struct Settings: Codable {
    var size: Int
    var data: String
    var precisions = ["fp32", "fp16", "int8"]
    var threads = 1
    var bySize: Bool
  }

  static let letters = ["a", "b", "c"]
  private static let pictureCount = 12

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    // Never in the order in which one would guess.
    let orders = [
      ["int8", "fp32", "fp16"], ["fp16", "int8", "fp32"], ["int8", "fp16", "fp32"],
      ["fp16", "fp32", "int8"], ["fp32", "int8", "fp16"],
    ]
    return Problem(
      // Boxes of all sizes need room.
      size: group == "by-size" ? 256 : [160, 192][random.index(below: 2)],
      seed: random.index(below: 100_000),
      keepsHead: group == "head-in-float",
      order: orders[random.index(below: orders.count)],
      isBySize: group == "by-size"
    )
  }

  func write(_ problem: Problem, to folder: String) throws {
    let files = try PrecisionFiles.shared(model, problem)
    for (letter, precision) in zip(Self.letters, problem.order) {
      let bytes = try MappedFile.contents(of: files.path(precision))
      try AtomicFile.write(bytes, to: "\(folder)/\(letter).onnx")
      chmod("\(folder)/\(letter).onnx", 0o644)
    }
    let settings = Settings(
      size: problem.size,
      data: data(problem, Self.pictureCount),
      bySize: problem.isBySize
    )
    try AnswerFile.write(settings, folder, "task.json")
    // Speed is measured before the program and after it: both saw the machine as it saw it.
    if !problem.isBySize { try PrecisionTruth.begin(problem) { try window(problem) } }
  }

  private func data(_ problem: Problem, _ count: Int) -> String {
    "synth:seed=\(problem.seed),count=\(count),size=\(problem.size)"
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "table.json")
    guard Set(answer.models.keys) == Set(Self.letters) else {
      throw AnswerFile.malformed("table.json", "does not tell of exactly a, b and c")
    }
    let numbers = answer.models.values.flatMap { [$0.ap, $0.times] } + [answer.conclusion.atLeast]
    guard numbers.allSatisfy(\.isFinite), answer.models[answer.conclusion.model] != nil else {
      throw AnswerFile.malformed("table.json", "holds no number, or concludes about no file")
    }
    guard !problem.isBySize || answer.models.values.allSatisfy({ $0.apBySize != nil }) else {
      throw AnswerFile.malformed("table.json", "does not say apBySize of each file")
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "table.json")
  }

  private func job(_ problem: Problem, pictures: Int, seconds: Double) throws -> PrecisionJob {
    let files = try PrecisionFiles.shared(model, problem)
    var job = PrecisionJob(model: files.path("fp32"), data: data(problem, pictures))
    job.precisions = [.fp32, .fp16, .int8]
    job.quantizedModel = files.path("int8")
    job.duration = seconds
    job.resampleCount = 0
    job.backend = BackendChoice("native", threadCount: 1, cache: cache)
    return job
  }

  /// One measurement of speed, with plans of its own, by the same code as `vitrine compare precision`.
  private func window(_ problem: Problem) throws -> [String: PrecisionTruth.Interval] {
    let ready = try job(problem, pictures: 1, seconds: 0.6)
    let rows = try Waiting.result { try await ready.report().precision?.rows ?? [] }
    return rows.reduce(into: [:]) { $0[$1.precision] = PrecisionTruth.Interval($1) }
  }

  /// Measured here, with the same code as `vitrine compare precision`.
  func truth(_ problem: Problem) throws -> PrecisionTruth {
    try PrecisionTruth.shared(problem, window: { try window(problem) }) {
      let files = try PrecisionFiles.shared(model, problem)
      let ready = try job(problem, pictures: Self.pictureCount, seconds: 0.02)
      let report = try Waiting.result { try await ready.report() }
      var facts = PrecisionTruth.Facts()
      for (row, record) in zip(report.precision?.rows ?? [], report.accuracy ?? []) {
        facts.ap[row.precision] = row.averagePrecision ?? -1
        facts.ap50[row.precision] = row.averagePrecision50 ?? -1
        facts.bytes[row.precision] = try MappedFile(path: files.path(row.precision)).count
        facts.apBySize[row.precision] = (record.boxes?.coco ?? []).reduce(into: [:]) {
          guard ["APsmall", "APmedium", "APlarge"].contains($1.name), $1.value >= 0 else { return }
          $0[String($1.name.dropFirst(2))] = $1.value
        }
      }
      return facts
    }
  }

  func reference(_ problem: Problem) throws -> Answer {
    let truth = try truth(problem)
    var models: [String: Row] = [:]
    for (letter, precision) in zip(Self.letters, problem.order) {
      let times = truth.times[precision]
      models[letter] = Row(
        precision: precision,
        bytes: truth.bytes[precision] ?? 0,
        ap: truth.ap[precision] ?? 0,
        times: times.map { ($0.lower * $0.upper).squareRoot() } ?? 1,
        apBySize: problem.isBySize ? truth.apBySize[precision] : nil
      )
    }
    let best = models.max { $0.value.times < $1.value.times }?.key ?? "a"
    let precision = models[best]?.precision ?? ""
    return Answer(
      models: models,
      conclusion: Conclusion(model: best, atLeast: truth.times[precision]?.lower ?? 1)
    )
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    guard let truth = try? truth(problem) else {
      return Judgement(figures: [], doubt: .unsupported("PrecisionJob"))
    }
    if problem.isBySize { return judge(bySize: answer, expected) }
    var (wrong, sizes, ap, speed) = (0, 0, 0.0, 0.0)
    var place: String?
    for letter in Self.letters {
      guard let row = answer.models[letter], let right = expected.models[letter],
        let times = truth.times[right.precision]
      else { continue }
      if row.precision != right.precision {
        wrong += 1
        place = place ?? "\(letter): \(row.precision) ≠ \(right.precision)"
      }
      if row.bytes != right.bytes {
        sizes += 1
        place = place ?? "\(letter): \(row.bytes) B ≠ \(right.bytes) B"
      }
      ap = max(ap, abs(row.ap - right.ap))
      speed = max(speed, times.distance(row.times))
      if place == nil, ap > 0.003 || times.distance(row.times) > bands("speed", or: 0.1) {
        let shown = [times.lower, times.upper].map { VerdictText.decimal($0, 2) }
        place =
          "\(letter): AP \(VerdictText.decimal(row.ap, 4)) ≠ \(VerdictText.decimal(right.ap, 4)), "
          + "\(VerdictText.decimal(row.times, 2))× ≠ \(shown[0])…\(shown[1])×"
      }
    }
    let claimed = expected.models[answer.conclusion.model]?.precision ?? ""
    let best = truth.times.values.map(\.lower).max() ?? 1
    // What was claimed is refuted where the whole interval lies below it.
    let margin = (truth.times[claimed]?.upper ?? 0) / max(answer.conclusion.atLeast, 1e-9)
    var judgement = Judgement(
      figures: [
        .init(name: "wrong-precisions", value: Double(wrong), rule: .atMost, limit: 0),
        .init(name: "wrong-sizes", value: Double(sizes), rule: .atMost, limit: 0),
        .init(name: "AP-error", value: ap, rule: .atMost, limit: 0.003),
        .init(
          name: "speed-error",
          value: speed,
          rule: .atMost,
          limit: bands("speed", or: 0.1)
        ),
        .init(name: "measured/claimed", value: margin, rule: .atLeast, limit: 1),
        .init(
          name: "claimed/best",
          value: answer.conclusion.atLeast / best,
          rule: .atLeast,
          limit: bands("sharpness", or: 0.5)
        ),
      ],
      place: place
    )
    if !judgement.isRight, place == nil {
      let shown = VerdictText.decimal(answer.conclusion.atLeast, 2)
      judgement.place =
        "\(answer.conclusion.model) ≥ \(shown)×; 95 %: "
        + "≤ \(VerdictText.decimal(truth.times[claimed]?.upper ?? 0, 2))×"
    }
    // What is plainly wrong is so however wide the intervals are.
    if let wide = truth.times.values.first(where: \.isWide),
      judgement.isRight || wide.lower <= 0
    {
      let shown = [wide.lower, wide.upper].map { VerdictText.decimal($0, 2) }
      judgement.doubt = .inconclusive("\(shown[0])…\(shown[1])×, 95 %")
    }
    return judgement
  }

  /// Precisions and accuracy by the size of boxes; nothing here depends on the clock.
  private func judge(bySize answer: Answer, _ expected: Answer) -> Judgement {
    var (wrong, error) = (0, 0.0)
    var place: String?
    for letter in Self.letters {
      guard let row = answer.models[letter], let right = expected.models[letter] else { continue }
      if row.precision != right.precision { wrong += 1 }
      let (own, truth) = (row.apBySize ?? [:], right.apBySize ?? [:])
      for size in Set(own.keys).union(truth.keys).sorted() {
        let difference = abs((own[size] ?? -1) - (truth[size] ?? -1))
        guard !(difference <= error) else { continue }
        error = difference.isFinite ? difference : 1e9
        let shown = [own[size], truth[size]].map { $0.map { VerdictText.decimal($0, 4) } ?? "none" }
        place = "\(letter), \(size): \(shown[0]) ≠ \(shown[1])"
      }
    }
    let judgement = Judgement(figures: [
      .init(name: "wrong-precisions", value: Double(wrong), rule: .atMost, limit: 0),
      .init(name: "AP-error", value: error, rule: .atMost, limit: 0.003),
    ])
    return Judgement(figures: judgement.figures, place: judgement.isRight ? nil : place)
  }

  func title(_ problem: Problem) -> String {
    "\(problem.size)×\(problem.size), \(Self.pictureCount) pictures, "
      + (problem.keepsHead ? "head in float" : "all in 8 bits")
  }

  func size(_ problem: Problem) -> Int { problem.size }

  /// Accuracy upwards, speed to the right: filled where it was measured, an outline where it was said.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    var chart = Chart(width: 200, height: 120)
    let most = max(1.5, expected.models.values.map(\.times).max() ?? 1) * 1.15
    for (index, letter) in Self.letters.enumerated() {
      guard let row = answer.models[letter], let right = expected.models[letter] else { continue }
      chart.dot(right.times / most, right.ap, index, "\(letter) \(right.precision)")
      chart.ring(min(row.times / most, 1), min(max(row.ap, 0), 1), index)
    }
    return chart.image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    let task = self
    return [
      .shows("size-in-kib") { answer, problem in
        guard let truth = try? task.truth(problem) else { return false }
        return zip(Self.letters, problem.order).allSatisfy { letter, precision in
          let bytes = truth.bytes[precision] ?? 0
          return answer.models[letter].map {
            abs(Double($0.bytes) - Double(bytes) / 1024) < 2
          } ?? false
        }
      },
      .undo("ap-of-one-overlap") { answer, problem in
        let truth = try task.truth(problem)
        var answer = answer
        for (letter, precision) in zip(Self.letters, problem.order) {
          // The right figure only where the wrong one is this one.
          guard let row = answer.models[letter], let wrong = truth.ap50[precision],
            abs(row.ap - wrong) < 0.003, let right = truth.ap[precision]
          else { return nil }
          answer.models[letter]?.ap = right
        }
        return answer
      },
      .shows("ratio-upside-down") { answer, problem in
        guard let truth = try? task.truth(problem) else { return false }
        return zip(Self.letters, problem.order).contains { letter, precision in
          guard let row = answer.models[letter], let times = truth.times[precision],
            times.lower > 1.3, row.times > 0
          else { return false }
          return times.distance(1 / row.times) < 0.15
        }
      },
      .shows("order-assumed") { answer, problem in
        Self.letters.map { answer.models[$0]?.precision } == ["fp32", "fp16", "int8"]
      },
      .shows("speed-from-size") { answer, problem in
        guard let truth = try? task.truth(problem), let float = truth.bytes["fp32"] else {
          return false
        }
        return zip(Self.letters, problem.order).allSatisfy { letter, precision in
          guard let row = answer.models[letter], let bytes = truth.bytes[precision] else {
            return false
          }
          return abs(row.times * Double(bytes) / Double(float) - 1) < 0.02
        }
      },
      .undo("small-for-large") { answer, problem in
        guard problem.isBySize else { return nil }
        var answer = answer
        for letter in Self.letters {
          let sizes = answer.models[letter]?.apBySize ?? [:]
          answer.models[letter]?.apBySize?["small"] = sizes["large"]
          answer.models[letter]?.apBySize?["large"] = sizes["small"]
        }
        return answer
      },
      .undo("empty-size-counted") { answer, problem in
        guard problem.isBySize else { return nil }
        var answer = answer
        for letter in Self.letters {
          for (size, value) in answer.models[letter]?.apBySize ?? [:] where value <= 0 {
            answer.models[letter]?.apBySize?[size] = nil
          }
        }
        return answer
      },
    ]
  }
}
