import Glibc
import Metrics
import Pipelines
import Synchronization

/// Stages that only wait, as a camera, a disk or a device makes its host wait, on the project's own stream of stages.
/// What overlaps, what queues and what blocks is real; how long a stage takes is stated.
struct SimulatedPipeline: Sendable {
  /// How long each stage takes for one element, in milliseconds.
  var milliseconds: [Double]
  /// Threads of each stage.
  var workers: [Int]
  /// The most elements between two stages.
  var capacity: Int

  /// One element in one stage.
  struct Span: Sendable {
    let stage: Int
    let number: Int
    /// Milliseconds since the first began.
    let start: Double
    let end: Double
  }

  /// What was seen of a run.
  struct Run: Sendable {
    /// In the order in which elements came out.
    var numbers: [Int] = []
    /// Milliseconds between elements that came out, without those that filled the stages.
    var gaps: [Double] = []
    /// Milliseconds from the beginning of an element to its end, without those that filled the stages.
    var latencies: [Double] = []
    var spans: [Span] = []

    /// The share of time in which at least two stages worked.
    var overlap: Double {
      let moments = (spans.map { ($0.start, 1) } + spans.map { ($0.end, -1) }).sorted {
        $0.0 < $1.0
      }
      var (busy, both, count, last) = (0.0, 0.0, 0, 0.0)
      for (time, change) in moments {
        if count > 0 { busy += time - last }
        if count > 1 { both += time - last }
        (count, last) = (count + change, time)
      }
      return busy > 0 ? both / busy : 0
    }
  }

  private struct Element: Sendable {
    let number: Int
    let start: Double
  }

  /// Sends elements through all stages.
  func run(count: Int) throws -> Run {
    let origin = ContinuousClock.now
    @Sendable func now() -> Double { (ContinuousClock.now - origin) / .milliseconds(1) }
    let recorded = SpanList()
    @Sendable func work(_ stage: Int, _ number: Int) {
      let start = now()
      usleep(UInt32(milliseconds[stage] * 1000))
      recorded.add(Span(stage: stage, number: number, start: start, end: now()))
    }
    let stream = StageStream(capacity: capacity)
    let first: @Sendable (Int) throws -> (Int) throws -> Element? = { _ in
      { number in
        guard number < count else { return nil }
        let start = now()
        work(0, number)
        return Element(number: number, start: start)
      }
    }
    var queue = try stream.source(workers: workers[0], first)
    for stage in milliseconds.indices.dropFirst() {
      let next: @Sendable (Int) throws -> (Int, Element) throws -> Element = { _ in
        { number, element in
          work(stage, number)
          return element
        }
      }
      queue = try stream.stage(queue, workers: workers[stage], next)
    }
    var result = Run()
    var last = 0.0
    let filling = workers.reduce(0, +) + capacity * (workers.count - 1)
    try stream.collect(queue) { _, element in
      let end = now()
      if result.numbers.count > filling {
        result.gaps.append(end - last)
        result.latencies.append(end - element.start)
      }
      last = end
      result.numbers.append(element.number)
    }
    result.spans = recorded.all
    return result
  }
}

private final class SpanList: Sendable {
  private let state = Mutex<[SimulatedPipeline.Span]>([])
  func add(_ span: SimulatedPipeline.Span) { state.withLock { $0.append(span) } }
  var all: [SimulatedPipeline.Span] { state.withLock { $0 } }
}
