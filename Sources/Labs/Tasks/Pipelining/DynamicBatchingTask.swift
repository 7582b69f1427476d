import Diagnostics
import Glibc
import Images
import Metrics

/// Lab 20, expert: a server that may gather requests, a log of arrivals, a bound on P99 → how many requests to gather at most, and
/// how long the first may wait.
///
/// `in/…/task.json`, `arrivals.json`. `out/…/policy.json`. The policy is run on arrivals of the same law that the program never saw:
/// event by event, with the times that the task states.
struct DynamicBatchingTask: CaseTask {
  static let name = "dynamic-batching"
  let groups = ["arrivals"]

  /// How requests come: bursts of a size, at random, of which the rate changes now and then.
  struct Law: Sendable {
    var perSecond: Double
    var burst: Int
    /// The rate in busy phases over that in quiet ones.
    var swing: Double
  }

  struct Problem: Sendable {
    var law: Law
    /// A batch of n takes fixed + n · each milliseconds.
    var fixed: Double
    var each: Double
    var bound: Double
    var log: [Double]
    var fresh: [Double]
    /// What the cheapest policy of a grid costs on the fresh arrivals.
    var best: (policy: Answer, cost: Double)
  }

  struct Answer: Sendable, Codable {
    var maxBatch: Int
    var waitMs: Double
  }

  private struct Settings: Codable {
    var fixedMs: Double
    var eachMs: Double
    var p99Ms: Double
    var largestBatch = Grid.batches.last ?? 1
  }

  enum Grid {
    static let batches = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
    /// Shares of the bound.
    static let waits = [0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
  }

  /// What was seen of a policy.
  struct Run: Sendable {
    /// From arrival to the end of its batch, in milliseconds, sorted.
    var latencies: [Double]
    /// The server's busy milliseconds for each request.
    var cost: Double

    /// A percentile, and the ends of its 95 % interval by the binomial law of ranks.
    func p99() -> (lower: Double, value: Double, upper: Double) {
      let count = Double(latencies.count)
      let spread = 1.96 * (count * 0.99 * 0.01).squareRoot()
      func at(_ rank: Double) -> Double {
        latencies[min(latencies.count - 1, max(0, Int(rank.rounded(.up)) - 1))]
      }
      return (at(0.99 * count - spread), at(0.99 * count), at(0.99 * count + spread))
    }
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    while true {
      let fixed = Double(6 + random.index(below: 8))
      let each = 0.5 + 0.25 * Double(random.index(below: 5))
      // More than a server of single requests can take, less than one of full batches can.
      let single = 1000 / (fixed + each)
      let law = Law(
        perSecond: single * (1.5 + 0.5 * Double(random.index(below: 4))),
        burst: 1 + random.index(below: 3),
        swing: [1, 2, 3][random.index(below: 3)]
      )
      var problem = Problem(
        law: law,
        fixed: fixed,
        each: each,
        bound: (fixed + 16 * each) * (2.5 + 0.5 * Double(random.index(below: 4))),
        log: Self.arrivals(law, 3000, &random),
        fresh: Self.arrivals(law, 6000, &random),
        best: (Answer(maxBatch: 1, waitMs: 0), .infinity)
      )
      // The log must bear a careful choice, too.
      guard Self.cheapest(problem, problem.log, bound: 0.85 * problem.bound) != nil,
        let best = Self.cheapest(problem, problem.fresh, bound: problem.bound)
      else { continue }
      problem.best = best
      return problem
    }
  }

  /// Moments of arrival in milliseconds: phases of 400 ms, busy and quiet, in each of which bursts come at random.
  private static func arrivals(_ law: Law, _ count: Int, _ random: inout SplitMix) -> [Double] {
    var (moments, now): ([Double], Double) = ([], 0)
    let quiet = 2 / (1 + law.swing)
    while moments.count < count {
      let isBusy = Int(now / 400) % 2 == 1
      let rate = law.perSecond * (isBusy ? quiet * law.swing : quiet) / Double(law.burst) / 1000
      now += -log(1 - random.fraction()) / rate
      for _ in 0..<law.burst where moments.count < count { moments.append(now) }
    }
    return moments
  }

  /// Serves arrivals one batch after the other: a batch begins when the server is free and either enough requests wait
  /// or the first has waited long enough.
  static func run(_ policy: Answer, _ problem: Problem, _ arrivals: [Double]) -> Run {
    var latencies: [Double] = []
    latencies.reserveCapacity(arrivals.count)
    var (next, free, busy) = (0, 0.0, 0.0)
    while next < arrivals.count {
      let first = arrivals[next]
      let last = next + policy.maxBatch - 1
      // When enough are there, or patience ends.
      let full = last < arrivals.count ? arrivals[last] : Double.infinity
      let start = max(free, min(full, first + policy.waitMs), first)
      var end = next
      while end < arrivals.count, end <= last, arrivals[end] <= start { end += 1 }
      let taken = problem.fixed + problem.each * Double(end - next)
      free = start + taken
      busy += taken
      for index in next..<end { latencies.append(free - arrivals[index]) }
      next = end
    }
    return Run(latencies: latencies.sorted(), cost: busy / Double(max(1, arrivals.count)))
  }

  /// The cheapest policy of the grid that keeps the bound at the upper end of the interval of P99.
  private static func cheapest(
    _ problem: Problem,
    _ arrivals: [Double],
    bound: Double
  ) -> (policy: Answer, cost: Double)? {
    var best: (policy: Answer, cost: Double)?
    for batch in Grid.batches {
      for share in Grid.waits {
        let policy = Answer(maxBatch: batch, waitMs: share * problem.bound)
        let run = run(policy, problem, arrivals)
        guard run.p99().upper <= bound, run.cost < best?.cost ?? .infinity else { continue }
        best = (policy, run.cost)
      }
    }
    return best
  }

  func write(_ problem: Problem, to folder: String) throws {
    let settings = Settings(fixedMs: problem.fixed, eachMs: problem.each, p99Ms: problem.bound)
    try AnswerFile.write(settings, folder, "task.json")
    try AnswerFile.write(problem.log.map { ($0 * 1000).rounded() / 1000 }, folder, "arrivals.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "policy.json")
    guard (1...(Grid.batches.last ?? 1)).contains(answer.maxBatch), answer.waitMs.isFinite,
      (0...60_000).contains(answer.waitMs)
    else {
      throw AnswerFile.malformed(
        "policy.json",
        "needs a maxBatch of 1 to 32 and a waitMs of 0 or more"
      )
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "policy.json")
  }

  func reference(_ problem: Problem) throws -> Answer { problem.best.policy }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    let run = Self.run(answer, problem, problem.fresh)
    let p99 = run.p99()
    var judgement = Judgement(figures: [
      // The bound is broken where even the lower end of the interval lies above it.
      .init(name: "p99-ms", value: p99.lower, rule: .atMost, limit: problem.bound),
      .init(
        name: "cost/best",
        value: run.cost / problem.best.cost,
        rule: .atMost,
        limit: 1 + bands("regret", or: 0.15)
      ),
    ])
    guard !judgement.isRight else { return judgement }
    let shown = [p99.lower, p99.upper, problem.bound, run.cost, problem.best.cost]
      .map { VerdictText.decimal($0, 1) }
    judgement.place =
      "\(answer.maxBatch) requests, \(VerdictText.decimal(answer.waitMs, 1)) ms: P99 "
      + "\(shown[0])…\(shown[1]) ms of \(shown[2]), \(shown[3]) ms a request, best \(shown[4])"
    return judgement
  }

  func title(_ problem: Problem) -> String {
    "\(Int(problem.law.perSecond)) requests/s, P99 ≤ \(VerdictText.decimal(problem.bound, 0)) ms"
  }

  func size(_ problem: Problem) -> Int { Int(problem.law.perSecond) }

  /// How long requests took, as a histogram, with the bound in red and P99 in green.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    let run = Self.run(answer, problem, problem.fresh)
    let high = max(1.3 * problem.bound, 1.05 * run.p99().upper)
    var plot = Plot(width: 240, height: 90)
    plot.histogram(run.latencies, low: 0, high: high, bottom: 90, top: 0)
    if let column = plot.column(problem.bound, 0, high) { plot.line(column, 0..<90, Plot.answer) }
    if let column = plot.column(run.p99().value, 0, high) { plot.line(column, 0..<90, Plot.truth) }
    return plot.image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    [
      .shows("one-at-a-time") { answer, _ in answer.maxBatch == 1 },
      .shows("waits-for-full") { answer, problem in answer.waitMs >= problem.bound },
      .shows("mean-for-p99") { answer, problem in
        guard answer.maxBatch > 1, answer.waitMs < problem.bound else { return false }
        let seen = Self.run(answer, problem, problem.log)
        let mean = seen.latencies.reduce(0, +) / Double(seen.latencies.count)
        return mean <= problem.bound && seen.p99().value > problem.bound
      },
    ]
  }
}
