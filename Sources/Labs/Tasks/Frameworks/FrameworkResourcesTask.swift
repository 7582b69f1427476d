import Diagnostics
import Files
import Glibc
import Images
import Metrics
import Pipelines
import Synchronization

/// Lab 25, advanced: a checkpoint on several engines, each in a process of its own → latency, throughput, memory and
/// processor time. PyTorch is among them where it is installed.
///
/// `in/…/model.pt`, `task.json`. `out/…/resources.json`. What does not depend on how busy the machine is is judged: memory,
/// processor time, and that latency and throughput go together.
struct FrameworkResourcesTask: CaseTask {
  static let name = "framework-resources"
  let groups = ["resources"]
  let model: String
  /// Where `Scripts/setup` keeps engines and PyTorch.
  let cache: String

  struct Problem: Sendable, Hashable, Codable {
    var engines: [String]
    var size: Int
    var threads = 1
  }

  struct Cells: Sendable, Codable {
    /// Milliseconds of one run, the median.
    var ms: Double
    /// Pictures per second.
    var throughput: Double
    /// The most memory that the engine's process held, in MiB.
    var peakMiB: Double
    /// Processor time of one run, all threads, in milliseconds.
    var processorMs: Double
  }

  struct Answer: Sendable, Codable {
    var engines: [String: Cells]
    var absent: [String: String]?
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    var engines = ["pytorch", "onnxruntime", "native"]
    engines.swapAt(random.index(below: 3), random.index(below: 3))
    // So large that a run takes several milliseconds: shares and times must not look alike.
    return Problem(engines: engines, size: [256, 320][random.index(below: 2)])
  }

  func write(_ problem: Problem, to folder: String) throws {
    let path = folder + "/model.pt"
    try AtomicFile.write(try MappedFile.contents(of: model), to: path)
    chmod(path, 0o644)
    try AnswerFile.write(problem, folder, "task.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "resources.json")
    let cells = answer.engines.values.flatMap {
      [$0.ms, $0.throughput, $0.peakMiB, $0.processorMs]
    }
    guard cells.allSatisfy(\.isFinite),
      problem.engines.allSatisfy({ answer.engines[$0] != nil || answer.absent?[$0] != nil })
    else {
      throw AnswerFile.malformed(
        "resources.json",
        "does not tell of \(problem.engines.joined(separator: ", ")), or holds no number"
      )
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "resources.json")
  }

  private static let known = Mutex<[Int: Answer]>([:])

  /// Measured as `vitrine compare frameworks` does; once for each size, since neither memory nor processor time
  /// depends on what else the machine does.
  func reference(_ problem: Problem) throws -> Answer {
    if let found = Self.known.withLock({ $0[problem.size] }) { return found }
    // Each engine is this program, started again.
    guard let link = Self.executable, link.hasSuffix("/vitrine") else {
      return Answer(engines: [:], absent: ["native": "the grader is not vitrine itself"])
    }
    var job = FrameworkJob(model: model)
    (job.engines, job.imageSize) = (problem.engines.sorted(), [problem.size, problem.size])
    (job.threadCount, job.seconds, job.cache) = (problem.threads, 0.6, cache)
    let peer = cache + "/peers/bin/python"
    job.python = access(peer, X_OK) == 0 ? peer : "python3"
    let ready = job
    let result = try Waiting.result { try await ready.run() }
    var answer = Answer(engines: [:], absent: [:])
    for column in result.engines {
      guard let latency = column.latency, let throughput = column.throughput,
        let memory = column.peakMemory, let load = column.processorLoad
      else {
        answer.absent?[column.engine] = column.absence ?? "not measured"
        continue
      }
      answer.engines[column.engine] = Cells(
        ms: latency.p50,
        throughput: throughput,
        peakMiB: Double(memory) / 1_048_576,
        processorMs: load * 1000 / throughput
      )
    }
    let found = answer
    Self.known.withLock { $0[problem.size] = found }
    return answer
  }

  private static var executable: String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    return count > 0
      ? String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    // PyTorch is left out where it is not installed, or where programs, kept apart as they are, do not see it. Where
    // fewer than two are left, there is nothing to compare.
    let present = problem.engines.filter { name in
      expected.engines[name] != nil && (name != "pytorch" || answer.engines[name] != nil)
    }
    guard present.count > 1 else {
      let words = expected.absent?.first.map { "\($0.key): \($0.value.prefix(120))" } ?? ""
      return Judgement(figures: [], doubt: .unsupported(words))
    }
    // What the grader has measured is nobody's excuse.
    let missing = present.filter { answer.engines[$0] == nil }
    var (memory, time, together) = (0.0, 0.0, (least: 1.0, most: 1.0))
    var place = missing.first.map { "\($0): –" }
    for name in present {
      guard let own = answer.engines[name], let right = expected.engines[name] else { continue }
      let errors = (
        abs(own.peakMiB / right.peakMiB - 1), abs(own.processorMs / right.processorMs - 1)
      )
      if errors.0 > max(memory, bands("memory", or: 0.25)) {
        place =
          "\(name): \(VerdictText.decimal(own.peakMiB, 0)) MiB ≠ "
          + "\(VerdictText.decimal(right.peakMiB, 0)) MiB"
      }
      if errors.1 > max(time, bands("processor", or: 0.5)) {
        place =
          "\(name): \(VerdictText.decimal(own.processorMs, 2)) ms of processor time ≠ "
          + "\(VerdictText.decimal(right.processorMs, 2)) ms"
      }
      (memory, time) = (max(memory, errors.0), max(time, errors.1))
      let product = own.ms * own.throughput / 1000
      together = (min(together.least, product), max(together.most, product))
    }
    return Judgement(
      figures: [
        .init(name: "engines-missing", value: Double(missing.count), rule: .atMost, limit: 0),
        .init(name: "memory-error", value: memory, rule: .atMost, limit: bands("memory", or: 0.25)),
        .init(
          name: "processor-error",
          value: time,
          rule: .atMost,
          limit: bands("processor", or: 0.5)
        ),
        // The median of a run and the mean of all are far apart on a busy machine, but never by a factor of ten.
        .init(name: "latency·throughput", value: together.least, rule: .atLeast, limit: 0.1),
        .init(name: "throughput·latency", value: together.most, rule: .atMost, limit: 1.5),
      ],
      place: place
    )
  }

  func title(_ problem: Problem) -> String {
    "\(problem.engines.joined(separator: ", ")), \(problem.size)×\(problem.size)"
  }

  func size(_ problem: Problem) -> Int { problem.size }

  /// Memory and processor time of each engine as it is, and below as it was said.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    guard !expected.engines.isEmpty else { return nil }
    var chart = Chart(width: 260, height: 16 + 50 * expected.engines.count)
    let memory = 1.3 * (expected.engines.values.map(\.peakMiB).max() ?? 1)
    let time = 1.3 * (expected.engines.values.map(\.processorMs).max() ?? 1)
    for (index, name) in problem.engines.filter({ expected.engines[$0] != nil }).enumerated() {
      guard let right = expected.engines[name] else { continue }
      let own = answer.engines[name]
      let row = 5 * index
      chart.bar(row: row, from: 0, to: right.peakMiB / memory, 0, text: name + " MiB")
      chart.bar(row: row + 1, from: 0, to: (own?.peakMiB ?? 0) / memory, 3, text: "said")
      chart.bar(row: row + 2, from: 0, to: right.processorMs / time, 2, text: name + " ms")
      chart.bar(row: row + 3, from: 0, to: (own?.processorMs ?? 0) / time, 5, text: "said")
    }
    return chart.image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    [
      .undo("memory-in-bytes") { answer, _ in
        var answer = answer
        answer.engines = answer.engines.mapValues {
          var cells = $0
          cells.peakMiB /= 1_048_576
          return cells
        }
        return answer
      },
      .shows("load-for-time") { answer, _ in
        // A share of a processor, whatever the run takes.
        answer.engines.values.allSatisfy { $0.processorMs > 0 && $0.processorMs < 1.2 }
          && answer.engines.values.contains { $0.processorMs < 0.7 * $0.ms }
      },
      .undo("per-millisecond") { answer, _ in
        var answer = answer
        answer.engines = answer.engines.mapValues {
          var cells = $0
          cells.throughput *= 1000
          return cells
        }
        return answer
      },
    ]
  }
}
