import Glibc
import Metrics

/// Queries of one picture that arrive at random times (Poisson) and are answered in order, as many
/// at once as have arrived and the batch holds.
final class BenchServer {
  private let query: BenchQuery
  private let batch: Int
  private var random: SplitMix

  /// One answered query.
  struct Answered {
    /// When it arrived, in seconds after the start.
    let arrival: Double
    /// Its time from arrival to answer, and the parts of the run that answered it.
    let answer: BenchQuery.Answer
  }

  /// The last trial, and what it says.
  struct Run {
    let answers: [Answered]
    let load: ServerLoad
    /// Pictures of all trials.
    let totalCount: Int
  }

  init(_ query: BenchQuery, batch: Int, seed: UInt64) {
    self.query = query
    self.batch = batch
    random = SplitMix(seed: seed)
  }

  /// Offers the rate given, or looks for the highest at which the P99 stays within the bound: four
  /// halvings of the range up to what the engine can do at most, then up to three full trials, each
  /// a tenth lower than the last.
  /// - Parameters:
  ///   - bound: in milliseconds; nil takes 100 ms, or five times what a query takes.
  ///   - seconds: for everything.
  func run(
    rate: Double?,
    bound: Double?,
    seconds: Double,
    progress: (Double) -> Void
  ) throws -> Run {
    var total = 0
    var service = Double.infinity
    for _ in 0..<5 {
      service = min(service, try query.run(batch).milliseconds / Double(batch))
      total += batch
    }
    // Source: MLPerf Inference Rules 0.5: 100 ms for SSD-ResNet34 at 1200 × 1200 pixels.
    let bound = bound ?? max(100, 5 * service * Double(batch))
    if let rate {
      let trial = try trial(rate, bound, seconds, progress)
      return outcome(trial, rate, bound, isFound: false, total + trial.count)
    }
    var (low, high) = (0.0, 1000 / service)
    for step in 0..<4 {
      let middle = (low + high) / 2
      let trial = try trial(middle, bound, seconds / 10) { progress((Double(step) + $0) / 10) }
      total += trial.count
      if Self.isMet(trial, bound) { low = middle } else { high = middle }
    }
    var wanted = max(low, high / 4)
    var last: [Answered] = []
    for attempt in 0..<3 {
      let share = attempt == 0 ? 0.6 : 0.3
      last = try trial(wanted, bound, seconds * share) { progress(0.4 + 0.6 * $0) }
      total += last.count
      if Self.isMet(last, bound) || attempt == 2 { break }
      wanted *= 0.9
    }
    return outcome(last, wanted, bound, isFound: true, total)
  }

  private static func isMet(_ answers: [Answered], _ bound: Double) -> Bool {
    guard let summary = LatencySummary(milliseconds: answers.map(\.answer.milliseconds)) else {
      return false
    }
    return summary.p99 <= bound
  }

  private func outcome(
    _ answers: [Answered],
    _ rate: Double,
    _ bound: Double,
    isFound: Bool,
    _ total: Int
  ) -> Run {
    let end = answers.map { $0.arrival + $0.answer.milliseconds / 1000 }.max() ?? 0
    let load = ServerLoad(
      offeredRate: rate,
      servedRate: end > 0 ? Double(answers.count) / end : 0,
      latencyBound: bound,
      isMet: Self.isMet(answers, bound),
      isFound: isFound
    )
    return Run(answers: answers, load: load, totalCount: total)
  }

  /// Offers a rate for some time. Ends early where the queue only grows.
  private func trial(
    _ rate: Double,
    _ bound: Double,
    _ seconds: Double,
    _ progress: (Double) -> Void
  ) throws -> [Answered] {
    let start = ContinuousClock.now
    func now() -> Double { (ContinuousClock.now - start) / .seconds(1) }
    var answers: [Answered] = []
    var next = gap(rate)
    while next < seconds || answers.isEmpty {
      let wait = next - now()
      if wait > 0 { usleep(UInt32(min(wait, 10) * 1_000_000)) }
      guard now() >= next else { continue }
      var arrivals: [Double] = []
      let moment = now()
      while arrivals.count < batch, next <= moment, next < seconds || answers.isEmpty {
        arrivals.append(next)
        next += gap(rate)
      }
      let answer = try query.run(arrivals.count)
      let end = now()
      for arrival in arrivals {
        var own = answer
        own.milliseconds = (end - arrival) * 1000
        answers.append(Answered(arrival: arrival, answer: own))
      }
      progress(min(end / seconds, 1))
      // Twenty bounds late is lost, and so is the rest of the time.
      if let first = arrivals.first, (end - first) * 1000 > 20 * bound { break }
    }
    return answers
  }

  /// The seconds until the next arrival.
  private func gap(_ rate: Double) -> Double { -log(1 - random.fraction()) / rate }
}
