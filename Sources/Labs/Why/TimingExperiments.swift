import Backends
import Diagnostics
import Graphs
import Metrics
import Models
import Pipelines
import Synchronization
import Tensors

/// W12: time of one run over the number of pictures in it.
struct BatchExperiment: WhyExperiment {
  static let name = "batch"
  static let parameters = [
    WhyParameter("largest", 8, in: 2...16), .threads,
    WhyParameter("rounds", 7, in: 3...21, step: 2),
  ]
  static let chart = WhyChart(x: 0, y: [2])

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    let bench = try NetworkBench(model: model, dynamic: .batch)
    let plan = try await bench.plan(threads: settings.threads)
    let rounds = settings.count("rounds")
    let session = try plan.makeSession()
    let largest = settings.count("largest")
    let batches = [1, 2, 4, 8].filter { $0 < largest } + [largest]
    progress(.began(stage: "W12", total: rounds))
    var times = batches.map { _ in [Double]() }
    // In turns, so that a machine that slows down slows all of them.
    for round in 0...rounds {
      for (index, batch) in batches.enumerated() {
        try Task.checkCancellation()
        let shape = Shape([batch, 3, NetworkBench.size, NetworkBench.size])
        _ = try session.input(plan.info.inputs[0].name, shape: shape)
        let start = ContinuousClock.now
        try session.run(observer: nil)
        // The first round warms up.
        if round > 0 { times[index].append((ContinuousClock.now - start) / .milliseconds(1)) }
      }
      progress(.advanced(round))
    }
    progress(.finished(summary: "\(rounds) rounds, median"))
    let medians = times.map { $0.sorted()[$0.count / 2] }
    let throughput = zip(batches, medians).map { Double($0) * 1000 / $1 }
    let line = Self.line(batches.map(Double.init), medians)
    return WhyFindings(
      value: throughput[throughput.count - 1] / throughput[0],
      columns: ["pictures", "ms per run", "pictures/s"],
      rows: batches.indices.map { [Double(batches[$0]), medians[$0], throughput[$0]] },
      // What a line leaves unexplained must be small beside the time itself.
      agrees: zip(batches, medians).allSatisfy {
        abs(line.a + line.b * Double($0) - $1) < 0.15 * $1
      },
      figures: ["fixed": line.a, "each": line.b, "most": 1000 / line.b]
    )
  }

  /// Least squares: y = a + b · x.
  static func line(_ x: [Double], _ y: [Double]) -> (a: Double, b: Double) {
    let count = Double(x.count)
    let (mx, my) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    let xy = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    let b = xy / x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
    return (my - b * mx, b)
  }
}

/// W13: more requests at a time: throughput, time of each, and Little's law.
struct LoadExperiment: WhyExperiment {
  static let name = "load"
  static let parameters = [
    WhyParameter("largest", 8, in: 2...16), WhyParameter("seconds", 1, in: 0.5...3, step: 0.5),
  ]
  static let chart = WhyChart(x: 0, y: [2])

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    let bench = try NetworkBench(model: model)
    let plan = try await bench.plan(threads: 1)
    let (largest, seconds) = (settings.count("largest"), settings["seconds"])
    let loads = [1, 2, 3, 4, 6, 8, 12].filter { $0 < largest } + [largest]
    progress(.began(stage: "W13", total: loads.count))
    var rows: [[Double]] = []
    for (index, load) in loads.enumerated() {
      let (rate, response, inside) = try await measure(plan, load, seconds)
      rows.append([Double(load), rate, response * 1000, rate * response, inside])
      progress(.advanced(index + 1))
    }
    progress(.finished(summary: "\(loads.count) loads, \(seconds) s each"))
    let gaps = rows.map { abs($0[3] - $0[4]) / $0[4] }
    return WhyFindings(
      value: rows[rows.count - 1][2] / rows[0][2],
      columns: ["at a time", "requests/s (X)", "ms each (R)", "X · R", "inside on average (N)"],
      rows: rows,
      agrees: gaps.allSatisfy { $0 < 0.05 },
      figures: [
        "gap": (gaps.max() ?? 0) * 100, "rate": rows[rows.count - 1][1] / rows[0][1],
      ]
    )
  }

  /// Requests finished per second, mean seconds of one, and how many were inside on average, which
  /// is measured by itself: the integral of the number inside over time.
  private func measure(
    _ plan: any Plan,
    _ load: Int,
    _ seconds: Double
  ) async throws -> (Double, Double, Double) {
    let tally = LoadTally()
    let shape = Shape([1, 3, NetworkBench.size, NetworkBench.size])
    let begin = ContinuousClock.now
    let end = begin + .seconds(seconds)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<load {
        group.addTask {
          let session = try plan.makeSession()
          _ = try session.input(plan.info.inputs[0].name, shape: shape)
          while ContinuousClock.now < end {
            try Task.checkCancellation()
            let start = ContinuousClock.now
            tally.advance(by: 1)
            // The request waits in line here until a thread is free.
            await Task.yield()
            try session.run(observer: nil)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            tally.finish(after: seconds)
          }
        }
      }
      try await group.waitForAll()
    }
    let whole = (ContinuousClock.now - begin) / .seconds(1)
    return tally.figures(over: whole)
  }
}

/// Counts requests inside and finished.
private final class LoadTally: Sendable {
  private struct State {
    var finished = 0
    var seconds = 0.0
    var inside = 0
    var integral = 0.0
    var last = ContinuousClock.now

    mutating func advance(by change: Int) {
      let now = ContinuousClock.now
      integral += Double(inside) * ((now - last) / .seconds(1))
      last = now
      inside += change
    }
  }
  private let state = Mutex(State())

  func advance(by change: Int) { state.withLock { $0.advance(by: change) } }

  func finish(after seconds: Double) {
    state.withLock { state in
      state.advance(by: -1)
      state.finished += 1
      state.seconds += seconds
    }
  }

  /// Requests per second, mean seconds of one, mean number inside.
  func figures(over seconds: Double) -> (Double, Double, Double) {
    state.withLock { state in
      let count = Double(max(1, state.finished))
      return (count / seconds, state.seconds / count, state.integral / seconds)
    }
  }
}

/// W14: the parts of the first answer's time, beside a later one's.
struct FirstRunExperiment: WhyExperiment {
  static let name = "first-run"
  static let parameters = [WhyParameter("size", 320, in: 96...640, step: 32), .threads]
  static let chart = WhyChart(y: [0, 1, 2, 3, 4])

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    progress(.began(stage: "W14", total: nil))
    let start = ContinuousClock.now
    func since(_ moment: ContinuousClock.Instant) -> Double {
      (ContinuousClock.now - moment) / .milliseconds(1)
    }
    let size = settings.count("size")
    let bench = try NetworkBench(model: model, size: size)
    let load = since(start)
    var moment = ContinuousClock.now
    let plan = try await bench.plan(threads: settings.threads)
    let build = since(moment)
    moment = ContinuousClock.now
    let session = try plan.makeSession()
    let shape = Shape([1, 3, size, size])
    _ = try session.input(plan.info.inputs[0].name, shape: shape)
    let memory = since(moment)
    moment = ContinuousClock.now
    try session.run(observer: nil)
    let first = since(moment)
    let whole = since(start)
    var later: [Double] = []
    for _ in 0..<15 {
      moment = ContinuousClock.now
      try session.run(observer: nil)
      later.append(since(moment))
    }
    progress(.finished(summary: "once cold, 15 times warm"))
    let steady = later.sorted()[later.count / 2]
    let parts = [load, build, memory, first]
    let sum = parts.reduce(0, +)
    return WhyFindings(
      value: whole / steady,
      columns: [
        "read the model (ms)", "build (ms)", "memory (ms)", "first run (ms)", "a later run (ms)",
      ],
      rows: [parts + [steady]],
      agrees: abs(sum - whole) < 0.1 * whole && whole > steady,
      figures: ["whole": whole, "steady": steady, "touch": first - steady]
    )
  }
}
