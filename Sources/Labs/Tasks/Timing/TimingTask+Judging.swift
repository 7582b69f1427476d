import Glibc
import Images
import Metrics

extension TimingTask {
  /// So few runs say nothing about a tail.
  private static let fewestRuns = 300

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    let records = problem.devices.map(\.record)
    let runs = records.map(\.runs).min() ?? 0
    let needed = problem.group == "believe" ? 20 : Self.fewestRuns
    var figures = [
      Judgement.Figure(name: "runs", value: Double(runs), rule: .atLeast, limit: Double(needed))
    ]
    var place: String?
    func compare(_ name: String, _ value: Double?, _ truth: Double?, _ limit: Double) {
      guard let value, let truth else { return }
      let error = value.isFinite ? min(abs(value - truth) / truth, 1e9) : 1e9
      figures.append(.init(name: "\(name)-error", value: error, rule: .atMost, limit: limit))
      // Nothing is faster than its bytes allow: such a figure is impossible, whatever else it is.
      let below = value < problem.floor && truth >= problem.floor ? 1.0 : 0
      figures.append(.init(name: "impossible", value: below, rule: .atMost, limit: 0))
      place =
        "\(name) \(Int(max(-1e15, min(1e15, value)))) ns ≠ \(Int(truth)) ns, floor \(Int(problem.floor)) ns"
    }
    compare("p50", answer.p50, expected.p50, bands("p50", or: 0.03))
    compare("p95", answer.p95, expected.p95, bands("p95", or: 0.1))
    compare("p99", answer.p99, expected.p99, bands("p99", or: 0.1))
    if let intervals = answer.intervals, let truths = expected.intervals {
      let covering = zip(intervals, truths).count { $0[0] <= $1[0] && $1[0] <= $0[1] }
      let widths = zip(intervals, truths).map { min(1e9, max(0, $0[1] - $0[0]) / $1[0]) }
      let width = widths.reduce(0, +) / Double(max(1, widths.count))
      figures.append(
        .init(name: "intervals-right", value: Double(covering), rule: .atLeast, limit: 35)
      )
      figures.append(
        .init(
          name: "relative-width",
          value: width.isFinite ? width : 1e9,
          rule: .atMost,
          limit: bands("width", or: 0.03)
        )
      )
      place = "\(covering) of \(intervals.count) intervals hold the median"
    }
    if let verdict = answer.verdict, let truth = expected.verdict {
      let wrong = verdict == truth ? 0.0 : 1
      figures.append(.init(name: "wrong-verdict", value: wrong, rule: .atMost, limit: 0))
      place = "\(verdict.prefix(40)) ≠ \(truth)"
    }
    let result = Judgement(figures: figures, place: place)
    return result.isRight ? Judgement(figures: figures, place: nil) : result
  }

  /// The times of the runs: above, how often each comes; below, one after the other. Green is the truth, red
  /// what was reported.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    let times = problem.devices[0].record.times
    guard times.count > 10, let top = times.max() else { return nil }
    let half = 60
    var plot = Plot(width: 240, height: 2 * half)
    plot.histogram(times, low: 0, high: top, bottom: half, top: 0)
    for (index, time) in times.enumerated() {
      let y = 2 * half - 1 - Int(time / top * Double(half - 4))
      plot.paint(index * plot.width / times.count, y, Plot.bar)
    }
    func first(_ answer: Answer) -> Double? {
      answer.p50 ?? answer.p95 ?? answer.p99 ?? answer.intervals?.first?.first
    }
    for (value, color) in [(first(expected), Plot.truth), (first(answer), Plot.answer)] {
      if let column = value.flatMap({ plot.column($0, 0, top) }) {
        plot.line(column, 0..<half, color)
      }
    }
    return plot.image
  }

  /// The quantile of what one program's own runs took.
  private static func quantile(_ problem: Problem, _ share: Double) -> Double? {
    let times = problem.devices[0].record.times.sorted()
    guard !times.isEmpty else { return nil }
    return SimulatedDevice.orderTime + times[min(times.count - 1, Int(share * Double(times.count)))]
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    [
      .make("not-waited") { problem in
        problem.group == "median" ? Answer(p50: SimulatedDevice.orderTime) : nil
      },
      .make("mean-for-median") { problem in
        problem.group == "median" ? Answer(p50: problem.devices[0].law.mean) : nil
      },
      .make("warm-up-counted") { problem in
        problem.group == "tail" ? Answer(p99: Self.quantile(problem, 0.99)) : nil
      },
      .make("largest-for-p99") { problem in
        guard problem.group == "tail" else { return nil }
        let times = problem.devices[0].record.times
        return Answer(p99: times.suffix(times.count * 4 / 5).max())
      },
      .shows("same-input") { _, problem in
        problem.devices.allSatisfy { $0.record.repeated > $0.record.runs / 2 }
      },
      .shows("too-few-runs") { _, problem in
        problem.devices.contains { (1..<Self.fewestRuns).contains($0.record.runs) }
      },
      .shows("nothing-run") { _, problem in problem.devices.contains { $0.record.runs == 0 } },
      .shows("below-floor") { answer, problem in
        guard let value = answer.p50 ?? answer.p95 ?? answer.p99 else { return false }
        let isOrder = abs(value / SimulatedDevice.orderTime - 1) < 0.05
        let isRepeated = problem.devices[0].record.repeated > 0
        return value < problem.floor && !isOrder && !isRepeated
          && problem.devices[0].record.runs > 0
      },
      .shows("interval-of-mean") { answer, problem in
        let pairs = zip(answer.intervals ?? [], problem.devices)
        let fits = pairs.count { $0[0] <= $1.law.mean * 1.02 && $1.law.mean * 0.98 <= $0[1] }
        return fits > problem.devices.count * 3 / 5
      },
      .shows("interval-too-narrow") { answer, problem in
        let pairs = zip(answer.intervals ?? [], problem.devices)
        // In the right place, but hardly any width.
        let near = pairs.count { pair, device in
          let truth = device.law.quantile(0.5)
          return abs((pair[0] + pair[1]) / 2 / truth - 1) < 0.01
            && (pair[1] - pair[0]) / truth < 0.004
        }
        return near > problem.devices.count * 3 / 5
      },
      .make("omission") { problem in
        problem.group == "load"
          ? Answer(p95: problem.devices[0].law.quantile(0.95) + SimulatedDevice.orderTime) : nil
      },
      .make("everything-believed") { problem in
        problem.group == "believe" ? Answer(verdict: "honest") : nil
      },
      Self.blind("cache-not-seen", .cached, for: .honest),
      Self.blind("early-not-told", .early, for: .skips),
      Self.blind("floor-not-seen", .impossible, for: .honest),
    ]
  }

  /// One kind of device is taken for another.
  private static func blind(
    _ id: String,
    _ honesty: SimulatedDevice.Honesty,
    for other: SimulatedDevice.Honesty
  ) -> Hypothesis<Problem, Answer> {
    .make(id) { problem in
      guard problem.group == "believe" else { return nil }
      let truth = problem.devices[0].honesty
      return Answer(verdict: (truth == honesty ? other : truth).rawValue)
    }
  }
}
