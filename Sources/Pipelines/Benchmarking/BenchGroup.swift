import Backends
import Diagnostics
import Metrics
import Tensors

/// Configurations that are measured in turns, and how: first the network alone, then from file
/// bytes to detections.
struct BenchGroup {
  /// A leg lasts at least this long, in milliseconds.
  static let legMilliseconds = 80.0
  /// Runs that take longer than this many milliseconds find the caches cold anyway; the legs of
  /// shorter ones begin with a run that is not timed.
  static let coldMilliseconds = 100.0

  let contenders: [BenchContender]
  let pool: PicturePool
  let job: BenchJob
  var tallies: [BenchTally]
  /// What the sessions from pictures to detections said.
  private(set) var notes: [Diagnostic] = []
  private let clock = ContinuousClock()
  private let start = ContinuousClock.now

  init(_ contenders: [BenchContender], pool: PicturePool, job: BenchJob) {
    self.contenders = contenders
    self.pool = pool
    self.job = job
    tallies = contenders.map { _ in BenchTally() }
  }

  /// Whether pictures are decoded, run and suppressed, too.
  var measuresQueries: Bool {
    !pool.files.isEmpty && contenders.allSatisfy { $0.detector != nil }
  }

  /// As many threads as the widest configuration uses.
  var controlThreadCount: Int {
    let all = MachineProbe.processorCount
    return contenders.map { min($0.threadCount ?? all, all) }.max() ?? 1
  }

  /// Measures all.
  mutating func run(
    _ progress: @escaping ProgressHandler
  ) async throws -> (records: [BenchmarkRecord], verdicts: [Verdict]) {
    let feeds = try contenders.map { contender in
      BenchFeed(try pool.tensors(for: contender, seed: job.seed), into: contender.input)
    }
    progress(.began(stage: "warm up", total: nil))
    for (index, contender) in contenders.enumerated() {
      let feed = feeds[index]
      tallies[index].warmUp = try WarmUpRule(duration: job.duration).run {
        feed.next()
        try contender.session.run(observer: nil)
      }
    }
    let counts = tallies.compactMap { $0.warmUp.map { "\($0.runCount)" } }
    progress(.finished(summary: "\(counts.joined(separator: " and ")) runs"))
    var probe = MachineProbe()
    let before = probe.read()
    let isPeakReset = ProcessProbe.resetPeak()
    let gpu = Task.detached { await GPUMonitor.watch() }
    defer { gpu.cancel() }
    try measureEngine(feeds, progress)
    if measuresQueries { try measureQueries(progress) }
    gpu.cancel()
    let resources = BenchSurroundings(
      before: before,
      after: probe.read(),
      peakResidentBytes: ProcessProbe.peakResidentBytes,
      isPeakOwn: isPeakReset && contenders.count == 1,
      gpu: await gpu.value
    )
    return (records(resources), verdicts(resources))
  }

  /// The network alone, for half of the time, or all of it where there is nothing else.
  private mutating func measureEngine(
    _ feeds: [BenchFeed],
    _ progress: @escaping ProgressHandler
  ) throws {
    let share = measuresQueries ? 0.5 : 1
    let control = ControlKernel(threadCount: controlThreadCount)
    _ = control.run()
    let rounds = InterleavedRounds(
      count: contenders.count,
      seconds: job.duration * share * Double(contenders.count)
    )
    let ticks = Ticks("engine", progress)
    let legs = try rounds.run(progress: ticks.advance) { index in
      tallies[index].control.append(control.leg() / .milliseconds(1))
      return try engineLeg(index, feeds[index])
    }
    for index in legs.indices { tallies[index].engineLegs = legs[index] }
    ticks.finish(tallies.first?.engine.times.count ?? 0, "run")
  }

  /// Some runs of the network.
  /// - Returns: the median time of a run, in milliseconds.
  private mutating func engineLeg(_ index: Int, _ feed: BenchFeed) throws -> Double {
    let session = contenders[index].session
    feed.next()
    if (tallies[index].engine.times.last ?? 0) < Self.coldMilliseconds {
      try session.run(observer: nil)
    }
    var times: [Double] = []
    var total = 0.0
    let processor = ProcessProbe.processorSeconds
    let began = clock.now
    while total < Self.legMilliseconds {
      feed.next()
      let moment = clock.now
      try session.run(observer: nil)
      let time = (clock.now - moment) / .milliseconds(1)
      tallies[index].engine.starts.append((moment - start) / .seconds(1))
      times.append(time)
      total += time
    }
    tallies[index].engine.times += times
    if !measuresQueries {
      tallies[index].usage.processor += ProcessProbe.processorSeconds - processor
      tallies[index].usage.wall += (clock.now - began) / .seconds(1)
      tallies[index].usage.pictures += times.count * contenders[index].batch
    }
    return times.sorted()[times.count / 2]
  }

  /// From file bytes to detections, as the scenario has it.
  private mutating func measureQueries(_ progress: @escaping ProgressHandler) throws {
    let queries = try contenders.compactMap { contender in
      try BenchQuery(contender, pool: pool, pictureCount: pictureCount(contender))
    }
    guard queries.count == contenders.count else { return }
    notes = queries.flatMap(\.diagnostics)
    let ticks = Ticks(job.scenario.rawValue, progress)
    if job.scenario == .server {
      for index in queries.indices {
        try serve(index, queries[index]) { share in
          ticks.advance((Double(index) + share) / Double(queries.count))
        }
      }
    } else {
      for query in queries { _ = try query.run() }
      let rounds = InterleavedRounds(
        count: contenders.count,
        seconds: job.duration / 2 * Double(contenders.count)
      )
      let legs = try rounds.run(progress: ticks.advance) { try queryLeg($0, queries[$0]) }
      for index in legs.indices { tallies[index].queryLegs = legs[index] }
    }
    let count = tallies.first?.queries.times.count ?? 0
    ticks.finish(count, "quer", "y", "ies")
  }

  private func pictureCount(_ contender: BenchContender) -> Int {
    switch job.scenario {
    case .single, .offline: contender.batch
    case .multi: job.streamCount
    case .server: 1
    }
  }

  /// Some queries, one after the other.
  /// - Returns: the median time of a query, in milliseconds.
  private mutating func queryLeg(_ index: Int, _ query: BenchQuery) throws -> Double {
    let isShort = (tallies[index].queries.times.last ?? 0) < Self.coldMilliseconds
    if isShort { _ = try query.run() }
    var times: [Double] = []
    var total = 0.0
    let processor = ProcessProbe.processorSeconds
    let began = clock.now
    while total < Self.legMilliseconds {
      tallies[index].queries.starts.append((clock.now - start) / .seconds(1))
      let answer = try query.run()
      tallies[index].add(answer, pictureCount: query.pictureCount)
      times.append(answer.milliseconds)
      total += answer.milliseconds
    }
    tallies[index].use(since: processor, began, pictures: times.count * query.pictureCount)
    return times.sorted()[times.count / 2]
  }

  /// Queries at random times.
  private mutating func serve(
    _ index: Int,
    _ query: BenchQuery,
    _ advance: @escaping (Double) -> Void
  ) throws {
    let server = BenchServer(query, batch: contenders[index].batch, seed: job.seed)
    let (processor, began) = (ProcessProbe.processorSeconds, clock.now)
    let run = try server.run(
      rate: job.rate,
      bound: job.latencyBound,
      seconds: job.duration / 2,
      progress: advance
    )
    let offset = (began - start) / .seconds(1)
    for answer in run.answers {
      tallies[index].queries.starts.append(offset + answer.arrival)
      tallies[index].add(answer.answer, pictureCount: 1)
    }
    tallies[index].server = run.load
    tallies[index].use(since: processor, began, pictures: run.totalCount)
  }
}

extension BenchTally {
  mutating func add(_ answer: BenchQuery.Answer, pictureCount: Int) {
    queries.times.append(answer.milliseconds)
    parts.decode += answer.decode
    parts.letterbox += answer.letterbox
    parts.infer += answer.infer
    parts.suppress += answer.suppress
    self.pictureCount += pictureCount
  }

  mutating func use(since processor: Double, _ began: ContinuousClock.Instant, pictures: Int) {
    usage.processor += ProcessProbe.processorSeconds - processor
    usage.wall += (ContinuousClock.now - began) / .seconds(1)
    usage.pictures += pictures
  }
}
