import Diagnostics
import Glibc
import Synchronization
import Testing

@testable import Pipelines

@Suite("Streams of stages", .timeLimit(.minutes(1)))
struct StageStreamTests {
  struct Trouble: Error, Equatable {
    let number: Int
  }

  /// Counts, and remembers the most.
  final class Gauge: Sendable {
    private let value = Mutex((now: 0, most: 0))
    var now: Int { value.withLock { $0.now } }
    var most: Int { value.withLock { $0.most } }
    func add(_ step: Int) {
      value.withLock { value in
        value.now += step
        value.most = max(value.most, value.now)
      }
    }
  }

  /// Counts the objects that are alive.
  final class Witness: Sendable {
    let gauge: Gauge
    init(_ gauge: Gauge) {
      self.gauge = gauge
      gauge.add(1)
    }
    deinit { gauge.add(-1) }
  }

  /// 0 ..< count, as a source.
  static func numbers(
    _ count: Int,
    from stream: StageStream,
    workers: Int = 1
  ) throws -> StageStream.Queue<Int> {
    try stream.source(workers: workers) { _ in { $0 < count ? $0 : nil } }
  }

  @Test("order is kept, however many workers and however uneven the work", arguments: [1, 2, 5])
  func order(_ workers: Int) throws {
    let stream = StageStream(capacity: 3)
    let numbers = try Self.numbers(200, from: stream, workers: workers)
    let squares = try stream.stage(numbers, workers: workers) { _ in
      { number, value in
        usleep(UInt32(number * 7919 % 13) * 50)
        return value * value
      }
    }
    var found: [Int] = []
    try stream.collect(squares) { number, value in
      #expect(number == found.count)
      found.append(value)
    }
    #expect(found == (0..<200).map { $0 * $0 })
  }

  @Test("nothing at all is a stream, too")
  func empty() throws {
    let stream = StageStream(capacity: 1)
    let numbers = try Self.numbers(0, from: stream)
    try stream.collect(numbers) { _, _ in Issue.record("nothing was to come") }
  }

  @Test("stages work at the same time")
  func overlap() throws {
    let stream = StageStream(capacity: 2)
    let inside = Gauge()
    @Sendable func slowly(_ value: Int) -> Int {
      inside.add(1)
      usleep(3000)
      inside.add(-1)
      return value
    }
    let first = try stream.source { _ in { $0 < 30 ? slowly($0) : nil } }
    let second = try stream.stage(first, workers: 2) { _ in { _, value in slowly(value) } }
    try stream.collect(second) { _, _ in }
    #expect(inside.most >= 2)
  }

  @Test("a fast stage waits for a slow one: few elements are alive at a time")
  func backpressure() throws {
    let stream = StageStream(capacity: 2)
    let alive = Gauge()
    let made = try stream.source { _ in { $0 < 100 ? Witness(alive) : nil } }
    let passed = try stream.stage(made, workers: 2) { _ in { _, value in value } }
    var count = 0
    try stream.collect(passed) { _, _ in
      usleep(500)
      count += 1
    }
    #expect(count == 100)
    // Two queues of two, one in the source, two in the workers, one in the hands of the collector,
    // and one more while it changes hands.
    #expect(alive.most <= 9)
    #expect(alive.most >= 4)
    #expect(made.mostStored == 2)
    #expect(alive.now == 0)
  }

  @Test("what would be too heavy beside the rest waits, the next one never")
  func weight() throws {
    let queue = OrderedQueue<Int>(capacity: 8, weightLimit: 10)
    // Heavier than the limit, but nothing can leave before it.
    #expect(queue.put(0, 0, weight: 100))
    #expect(queue.take()?.element == 0)
    #expect(queue.put(1, 1, weight: 6))
    let entered = Gauge()
    let late = try WorkerThread {
      queue.put(2, 2, weight: 6)
      entered.add(1)
    }
    usleep(50_000)
    #expect(entered.now == 0)
    #expect(queue.take()?.element == 1)
    late.join()
    #expect(entered.now == 1)
    #expect(queue.take()?.element == 2)
    #expect(queue.put(4, 4, weight: 9))
    // The next one to leave gets in although the queue is heavy.
    #expect(queue.put(3, 3, weight: 9))
    #expect(queue.take()?.element == 3)
    #expect(queue.take()?.element == 4)
    queue.finish(at: 5)
    #expect(queue.take() == nil)
    #expect(!queue.put(5, 5))
  }

  @Test("an error comes in its place: all before it, nothing after it", arguments: [1, 3])
  func errorInTheMiddle(_ workers: Int) throws {
    let stream = StageStream(capacity: 4)
    let numbers = try Self.numbers(1000, from: stream)
    let failing = try stream.stage(numbers, workers: workers) { _ in
      { number, value in
        // Later elements fail sooner: the first one counts all the same.
        if number == 37 { usleep(4000) }
        if number >= 37 { throw Trouble(number: number) }
        return value
      }
    }
    let last = try stream.stage(failing) { _ in { _, value in value } }
    var found: [Int] = []
    #expect(throws: Trouble(number: 37)) {
      try stream.collect(last) { _, value in found.append(value) }
    }
    #expect(found == Array(0..<37))
  }

  @Test("errors of the source, of making a worker and of the collector come through")
  func otherErrors() throws {
    let broken = StageStream(capacity: 2)
    let numbers = try broken.source { _ in
      { number -> Int? in
        if number == 5 { throw Trouble(number: 5) }
        return number
      }
    }
    var count = 0
    #expect(throws: Trouble(number: 5)) { try broken.collect(numbers) { _, _ in count += 1 } }
    #expect(count == 5)

    let unmade = StageStream(capacity: 2)
    let made = try unmade.stage(try Self.numbers(9, from: unmade)) {
      _ -> (Int, Int) throws -> Int in
      throw Trouble(number: -1)
    }
    #expect(throws: Trouble(number: -1)) { try unmade.collect(made) { _, _ in } }

    let refused = StageStream(capacity: 2)
    let endless = try refused.source { _ in { number in number } }
    #expect(throws: Trouble(number: 20)) {
      try refused.collect(endless) { number, _ in
        if number == 20 { throw Trouble(number: 20) }
      }
    }
  }

  @Test("an endless stream is called off; every worker's memory is freed")
  func cancellation() async throws {
    let stream = StageStream(capacity: 2)
    let alive = Gauge()
    let endless = try stream.source { _ in
      let memory = Witness(alive)
      return { number in
        withExtendedLifetime(memory) { number }
      }
    }
    let same = try stream.stage(endless, workers: 3) { _ in
      let memory = Witness(alive)
      return { _, value in withExtendedLifetime(memory) { value } }
    }
    let seen = Gauge()
    let work = Task.detached {
      try await withTaskCancellationHandler {
        try stream.collect(same) { _, _ in seen.add(1) }
      } onCancel: {
        stream.cancel()
      }
    }
    while seen.now < 10 { try await Task.sleep(for: .milliseconds(1)) }
    work.cancel()
    let error = await #expect(throws: DeployError.self) { try await work.value }
    #expect(error?.id == "stream.cancelled")
    #expect(alive.most == 4)
    #expect(alive.now == 0)
  }

  @Test("a stream that nobody collects ends its threads when it goes")
  func abandoned() throws {
    let alive = Gauge()
    do {
      let stream = StageStream(capacity: 1)
      _ = try stream.source { _ in
        let memory = Witness(alive)
        return { number in withExtendedLifetime(memory) { number } }
      }
    }
    #expect(alive.now == 0)
  }
}
