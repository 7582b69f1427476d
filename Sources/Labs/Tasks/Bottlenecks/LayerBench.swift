import Backends
import BackendsNative
import Diagnostics
import Glibc
import Graphs
import Metrics
import Pipelines
import Synchronization
import Tensors

/// A network whose layers can be left out, timed by the processor's clock of the thread that runs it: what other
/// programs take in between does not count.
final class LayerBench: Sendable {
  /// The network's modules in order with the milliseconds of their layers.
  let parts: [BottleneckTask.Part]
  private let plan: any Plan
  private let shape: Shape
  /// The places of each module's layers.
  private let places: [String: Set<Int>]

  private static let known = Mutex<[Int: LayerBench]>([:])

  static func shared(_ model: String, size: Int) throws -> LayerBench {
    if let found = known.withLock({ $0[size] }) { return found }
    let made = try LayerBench(model, size)
    known.withLock { $0[size] = made }
    return made
  }

  private init(_ model: String, _ size: Int) throws {
    let bench = try NetworkBench(model: model, size: size)
    plan = try Waiting.result { try await bench.plan(threads: 1) }
    shape = Shape([1, 3, size, size])
    var (places, order): ([String: Set<Int>], [String]) = ([:], [])
    var last = "input"
    for (index, layer) in plan.info.layers.enumerated() {
      // `model.4.cv1.conv` belongs to `model.4`; a conversion to what comes before it.
      let words = layer.provenance.modules.first?.split(separator: ".").prefix(2)
      let name = words.map { $0.joined(separator: ".") } ?? last
      last = name
      if places[name] == nil { order.append(name) }
      places[name, default: []].insert(index)
    }
    self.places = places
    let session = try plan.makeSession()
    try Self.fill(session, plan, shape)
    let watch = LayerWatch(plan.info.layers.count)
    for _ in 0..<5 { try session.run(observer: nil) }
    for _ in 0..<25 { try session.run(observer: watch) }
    let times = watch.milliseconds
    parts = order.map { name in
      let sum = (places[name] ?? []).reduce(0.0) { $0 + times[$1] }
      return BottleneckTask.Part(name: name, ms: (sum * 1e4).rounded() / 1e4)
    }
  }

  private static func fill(_ session: any Session, _ plan: any Plan, _ shape: Shape) throws {
    let input = try session.input(plan.info.inputs[0].name, shape: shape)
    try input.withScalars(of: Float.self) { $0.update(repeating: 0.5) }
  }

  /// How many times as fast the whole is when modules take half their time: they are left out of every
  /// second run.
  func speedup(of names: Set<String>) throws -> BlockBootstrap.Estimate {
    guard let session = try plan.makeSession() as? any LayerSkipping else {
      throw DeployError(.courseInvalidValue, "the engine cannot leave out layers")
    }
    try Self.fill(session, plan, shape)
    let skipped = names.reduce(into: Set<Int>()) { $0.formUnion(places[$1] ?? []) }
    for _ in 0..<5 { try session.run(observer: nil) }
    // A leg is four runs; those of the faster network lack the modules in two of them.
    func leg(_ isFaster: Bool) throws -> Double {
      let start = Self.processorMilliseconds()
      for number in 0..<4 {
        session.skippedLayers = isFaster && number % 2 == 1 ? skipped : []
        try session.run(observer: nil)
      }
      return Self.processorMilliseconds() - start
    }
    var blocks: [InterleavedBlock] = []
    for _ in 0..<16 {
      let first = try leg(true)
      let whole = [try leg(false), try leg(false)]
      blocks.append(InterleavedBlock(baseline: [first, try leg(true)], candidate: whole))
    }
    let verdict = Metrics.Verdict(
      baseline: "faster",
      candidate: "as it is",
      quantity: "processor",
      blocks: blocks
    )
    return BlockBootstrap.Estimate(
      value: verdict.ratio,
      lower: verdict.lower,
      upper: verdict.upper
    )
  }

  private static func processorMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
  }
}

/// The middle time of each layer.
private final class LayerWatch: SessionObserver {
  private var times: [[Double]]
  private var next = 0

  init(_ count: Int) { times = [[Double]](repeating: [], count: count) }

  var milliseconds: [Double] {
    times.map { $0.isEmpty ? 0 : $0.sorted()[$0.count / 2] }
  }

  func session(_ session: any Session, didRun layer: LayerInfo, in duration: Duration) {
    times[next % times.count].append(duration / .milliseconds(1))
    next += 1
  }
}

/// Stages that wait, before and after some of them wait half as long.
enum PipelineBench {
  static func speedup(
    _ problem: BottleneckTask.Problem,
    of names: Set<String>
  ) throws -> BlockBootstrap.Estimate {
    var oversleep = 0.0
    func gaps(_ factor: Double) throws -> [Double] {
      let pipeline = SimulatedPipeline(
        milliseconds: problem.parts.map { names.contains($0.name) ? $0.ms / factor : $0.ms },
        workers: problem.parts.map { _ in 1 },
        capacity: 1
      )
      let run = try pipeline.run(count: 2 * problem.parts.count + 12)
      let late = run.spans.map { ($0.end - $0.start) / pipeline.milliseconds[$0.stage] }.sorted()
      oversleep = max(oversleep, late[3 * late.count / 4])
      return run.gaps
    }
    // A B B A, gap against gap.
    let runs = try [1, 2, 2, 1].map(gaps)
    // On a machine that oversleeps, stages do not take what is stated of them: nothing can be said.
    guard oversleep < 1.25 else { return BlockBootstrap.Estimate(value: 1, lower: 0, upper: 2) }
    let count = runs.map(\.count).min() ?? 0
    let blocks = (0..<count).map { place in
      InterleavedBlock(
        baseline: [runs[1][place], runs[2][place]],
        candidate: [runs[0][place], runs[3][place]]
      )
    }
    let verdict = Metrics.Verdict(
      baseline: "faster",
      candidate: "as it is",
      quantity: "gap",
      blocks: blocks
    )
    return BlockBootstrap.Estimate(
      value: verdict.ratio,
      lower: verdict.lower,
      upper: verdict.upper
    )
  }
}
