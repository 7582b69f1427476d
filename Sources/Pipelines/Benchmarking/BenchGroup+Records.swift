import Metrics
import Tensors

extension BenchGroup {
  /// What was measured, one record for each configuration.
  func records(_ surroundings: BenchSurroundings) -> [BenchmarkRecord] {
    contenders.indices.map { record($0, surroundings) }
  }

  /// Each configuration against the first: the network alone, and end to end.
  func verdicts(_ surroundings: BenchSurroundings) -> [Verdict] {
    let obstacle = MachineProbe.obstacle(surroundings.after, threadCount: controlThreadCount)
    return contenders.indices.dropFirst().flatMap { index in
      var verdicts = [
        verdict("engine", index, \.engineLegs, obstacle) {
          tallies[0].engine.times.count + tallies[$0].engine.times.count
        }
      ]
      if !tallies[index].queryLegs.isEmpty {
        verdicts.append(
          verdict("end-to-end", index, \.queryLegs, obstacle) {
            tallies[0].queries.times.count + tallies[$0].queries.times.count
          }
        )
      }
      return verdicts
    }
  }

  private func verdict(
    _ quantity: String,
    _ index: Int,
    _ legs: KeyPath<BenchTally, InterleavedRounds.Legs>,
    _ obstacle: String?,
    runCount: (Int) -> Int
  ) -> Verdict {
    Verdict(
      baseline: contenders[0].label,
      candidate: contenders[index].label,
      quantity: quantity,
      blocks: InterleavedRounds.blocks(tallies[0][keyPath: legs], tallies[index][keyPath: legs]),
      runCount: runCount(index),
      obstacle: obstacle,
      bootstrap: BlockBootstrap(seed: job.seed)
    )
  }

  private func record(_ index: Int, _ surroundings: BenchSurroundings) -> BenchmarkRecord {
    let (contender, tally) = (contenders[index], tallies[index])
    var record = BenchmarkRecord(
      label: contender.label,
      model: String(job.model.split(separator: "/").last ?? ""),
      backend: contender.backend,
      backendVersion: contender.backendVersion,
      scenario: job.scenario,
      batch: contender.batch,
      threadCount: contender.threadCount,
      precision: contender.precision,
      inputShape: contender.input.shape.dimensions,
      inputs: pool.description
    )
    let warmUpCount = tally.warmUp?.runCount ?? 0
    record.engine = LatencySeries(
      milliseconds: tally.engine.times,
      seconds: tally.engine.starts,
      warmUpCount: warmUpCount
    )
    record.endToEnd = LatencySeries(
      milliseconds: tally.queries.times,
      seconds: tally.queries.starts
    )
    if !measuresQueries { record.endToEndAbsence = contender.absence ?? pool.absence }
    record.parts = parts(tally)
    let engineSeconds = tally.engine.times.reduce(0, +) / 1000
    let runs = Double(tally.engine.times.count * contender.batch)
    if engineSeconds > 0 { record.engineThroughput = runs / engineSeconds }
    record.endToEndThroughput = throughput(tally)
    record.coldStart = contender.coldStart
    record.warmUp = tally.warmUp
    record.queries = queries(tally, contender)
    record.server = tally.server
    record.resources = surroundings.use(tally)
    record.machineBefore = surroundings.before
    record.machineAfter = surroundings.after
    record.warnings = MachineProbe.warnings(surroundings.before, surroundings.after)
    if let warmUp = tally.warmUp, !warmUp.isStable {
      record.warnings.append("the latency had not settled when the warm-up ended")
    }
    record.control = ControlSeries(
      kernel: "\(ControlKernel.name), \(controlThreadCount) threads",
      controlMilliseconds: tally.control,
      networkMilliseconds: tally.engineLegs.flatMap(\.self)
    )
    return record
  }

  private func throughput(_ tally: BenchTally) -> Double? {
    if let server = tally.server { return server.servedRate }
    let seconds = tally.queries.times.reduce(0, +) / 1000
    return seconds > 0 ? Double(tally.pictureCount) / seconds : nil
  }

  private func parts(_ tally: BenchTally) -> [BenchmarkRecord.Part] {
    guard !tally.queries.times.isEmpty else { return [] }
    let count = Double(tally.queries.times.count)
    let sums = [
      ("decode", tally.parts.decode), ("letterbox", tally.parts.letterbox),
      ("infer", tally.parts.infer), ("suppress", tally.parts.suppress),
    ]
    return sums.map { BenchmarkRecord.Part(name: $0, milliseconds: $1 / count) }
  }

  private func queries(_ tally: BenchTally, _ contender: BenchContender) -> QueryRule {
    let hasQueries = !tally.queries.times.isEmpty
    let times = hasQueries ? tally.queries.times : tally.engine.times
    return QueryRule(
      job.scenario,
      milliseconds: job.scenario == .offline ? [] : times,
      pictureCount: hasQueries ? tally.pictureCount : times.count * contender.batch,
      seconds: times.reduce(0, +) / 1000
    )
  }
}
