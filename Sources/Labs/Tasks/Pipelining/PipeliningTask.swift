import Diagnostics
import Glibc
import Images
import Metrics
import Synchronization

/// Lab 20: stages with times, a number of threads and a limit of latency → how many threads each stage gets, and how many
/// elements may wait between two.
///
/// `in/…/task.json`: the stages in order, threads in all, the most milliseconds that an element may take. `out/…/plan.json`:
/// threads of each stage, and the capacity of the queues. The plan is run.
struct PipeliningTask: CaseTask {
  static let name = "pipelining"
  let groups = ["two", "several", "latency"]

  struct Stage: Sendable, Hashable, Codable {
    var name: String
    var ms: Double
  }

  struct Problem: Sendable, Hashable, Codable {
    var stages: [Stage]
    /// The most threads of all stages together.
    var threads: Int
    /// The most milliseconds from an element's beginning to its end.
    var latency: Double
  }

  struct Answer: Sendable, Hashable, Codable {
    var workers: [Int]
    var capacity: Int
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    let names = ["read", "copy-in", "network", "copy-out", "write"]
    let count = group == "two" ? 2 : 3 + random.index(below: 2)
    var stages = names.prefix(count).map { Stage(name: $0, ms: Double(4 + random.index(below: 5))) }
    // One of them is the bottleneck, never the first.
    let slow = 1 + random.index(below: count - 1)
    stages[slow].ms = Double(18 + random.index(below: 8))
    let sum = stages.reduce(0) { $0 + $1.ms }
    // Where latency counts, the slow stage stays the slowest: only in front of it a line can form.
    let threads = count + 1 + (group == "latency" ? 0 : random.index(below: 2))
    let gap = Self.best(stages, threads).gap
    // Room for one waiting element in front of each stage, or for as many as one likes.
    let room = group == "latency" ? 2.1 : 40
    let queues = Double(count - 1)
    return Problem(stages: stages, threads: threads, latency: sum + (room * queues + 1.5) * gap + 8)
  }

  /// The division of threads with the shortest time between two elements.
  static func best(_ stages: [Stage], _ threads: Int) -> Answer.Division {
    var workers = stages.map { _ in 1 }
    // Each further thread goes to the slowest; no other division is faster.
    for _ in 0..<max(0, threads - stages.count) {
      let slowest = stages.indices.max {
        stages[$0].ms / Double(workers[$0]) < stages[$1].ms / Double(workers[$1])
      }
      workers[slowest ?? 0] += 1
    }
    let gap = zip(stages, workers).map { $0.ms / Double($1) }.max() ?? 0
    return Answer.Division(workers: workers, gap: gap)
  }

  func write(_ problem: Problem, to folder: String) throws {
    try AnswerFile.write(problem, folder, "task.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "plan.json")
    guard answer.workers.count == problem.stages.count,
      answer.workers.allSatisfy({ (1...64).contains($0) }), (1...1000).contains(answer.capacity)
    else {
      throw AnswerFile.malformed(
        "plan.json",
        "needs 1 to 64 threads for each of \(problem.stages.count) stages and a capacity of 1 to 1000"
      )
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "plan.json")
  }

  func reference(_ problem: Problem) throws -> Answer {
    Answer(workers: Self.best(problem.stages, problem.threads).workers, capacity: 1)
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    guard let seen = try? PlanRun.shared(problem, answer) else {
      return Judgement(figures: [], doubt: .unsupported("threads"))
    }
    let best = Self.best(problem.stages, problem.threads).gap
    let serial = problem.stages.reduce(0) { $0 + $1.ms }
    let (gap, latency) = (seen.gap, seen.latency)
    let threads = answer.workers.reduce(0, +)
    var judgement = Judgement(figures: [
      .init(
        name: "threads",
        value: Double(threads),
        rule: .atMost,
        limit: Double(problem.threads)
      ),
      .init(name: "out-of-order", value: seen.isInOrder ? 0 : 1, rule: .atMost, limit: 0),
      // The lower end of the interval is the quickest that the plan can honestly be said to be.
      .init(
        name: "throughput/best",
        value: best / gap.lower,
        rule: .atLeast,
        limit: bands("throughput", or: 0.8)
      ),
      .init(
        name: "times-serial",
        value: serial / gap.lower,
        rule: .atLeast,
        limit: min(1.5, 0.9 * serial / best)
      ),
      .init(name: "overlap", value: seen.overlap, rule: .atLeast, limit: bands("overlap", or: 0.5)),
      .init(name: "latency-ms", value: latency, rule: .atMost, limit: problem.latency),
    ])
    judgement.place =
      "\(answer.workers), capacity \(answer.capacity): "
      + "\(VerdictText.decimal(gap.value, 1)) ms apart, best \(VerdictText.decimal(best, 1)) ms"
    // A machine that oversleeps: the engine's own plan would not keep the limits either.
    if seen.oversleep > 1.2 {
      let shown = VerdictText.decimal(seen.oversleep, 2)
      judgement.doubt = .inconclusive("\(shown)× the stated times")
    }
    return judgement
  }

  func title(_ problem: Problem) -> String {
    problem.stages.map { VerdictText.decimal($0.ms, 0) }.joined(separator: "+")
      + " ms, \(problem.threads) threads, ≤ \(VerdictText.decimal(problem.latency, 0)) ms"
  }

  func size(_ problem: Problem) -> Int { problem.stages.count }

  /// A lane for each stage, a bar for each element: what overlaps is above one another.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    guard let seen = try? PlanRun.shared(problem, answer) else { return nil }
    var chart = Chart(width: 320, height: 16 + 10 * problem.stages.count)
    let end = seen.spans.filter { $0.number < 8 }.map(\.end).max() ?? 1
    for span in seen.spans where span.number < 8 {
      chart.bar(row: span.stage, from: span.start / end, to: span.end / end, span.number)
    }
    return chart.image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    [
      .shows("one-thread-each") { answer, problem in
        answer.workers.allSatisfy { $0 == 1 } && problem.threads > problem.stages.count
      },
      .shows("too-many-threads") { answer, problem in
        answer.workers.reduce(0, +) > problem.threads
      },
      .shows("threads-to-the-first") { answer, problem in
        let spare = problem.threads - problem.stages.count
        return spare > 0 && answer.workers[0] == 1 + spare
      },
      .shows("queues-too-long") { answer, problem in
        answer.capacity > 4 && answer.workers == Self.best(problem.stages, problem.threads).workers
      },
    ]
  }
}

extension PipeliningTask {
  /// The upper end of the measured milliseconds between two results of a plan; nil where this machine cannot measure it.
  func measuredGap(_ answer: Answer, _ problem: Problem) -> Double? {
    guard let seen = try? PlanRun.shared(problem, answer), seen.oversleep <= 1.2 else { return nil }
    return seen.gap.upper
  }
}

extension PipeliningTask.Answer {
  /// Threads of each stage, and the milliseconds between two elements that follow.
  struct Division {
    let workers: [Int]
    let gap: Double
  }
}

/// What was seen of a plan, once for each problem and plan.
private struct PlanRun: Sendable {
  let gap: BlockBootstrap.Estimate
  /// The median.
  let latency: Double
  let overlap: Double
  let isInOrder: Bool
  /// How much longer stages took than stated, the median.
  let oversleep: Double
  let spans: [SimulatedPipeline.Span]

  private struct Key: Hashable {
    let problem: PipeliningTask.Problem
    let answer: PipeliningTask.Answer
  }
  private static let known = Mutex<[Key: PlanRun]>([:])

  static func shared(
    _ problem: PipeliningTask.Problem,
    _ answer: PipeliningTask.Answer
  ) throws -> PlanRun {
    let key = Key(problem: problem, answer: answer)
    if let found = known.withLock({ $0[key] }) { return found }
    var made = try PlanRun(problem, answer)
    for _ in 0..<2 where made.oversleep > 1.2 { made = try PlanRun(problem, answer) }
    let found = made
    if found.oversleep <= 1.2 { known.withLock { $0[key] = found } }
    return found
  }

  private init(_ problem: PipeliningTask.Problem, _ answer: PipeliningTask.Answer) throws {
    let milliseconds = problem.stages.map(\.ms)
    let pipeline = SimulatedPipeline(
      milliseconds: milliseconds,
      workers: answer.workers,
      capacity: min(answer.capacity, 12)
    )
    let filling = answer.workers.reduce(0, +) + pipeline.capacity * (milliseconds.count - 1)
    let run = try pipeline.run(count: filling + 26)
    // Elements of stages with several threads come in bursts: pairs, triples of gaps are one.
    let burst = answer.workers.max() ?? 1
    let gaps = stride(from: 0, to: run.gaps.count - burst + 1, by: burst).map { start in
      run.gaps[start..<start + burst].reduce(0, +) / Double(burst)
    }
    let middle = gaps.sorted()[gaps.count / 2]
    gap =
      BlockBootstrap().estimate(gaps)
      ?? BlockBootstrap.Estimate(value: middle, lower: middle, upper: middle)
    latency = run.latencies.sorted()[run.latencies.count / 2]
    overlap = run.overlap
    isInOrder = run.numbers == Array(0..<run.numbers.count)
    let late = run.spans.map { ($0.end - $0.start) / milliseconds[$0.stage] }.sorted()
    oversleep = late[late.count / 2]
    spans = run.spans
  }
}
