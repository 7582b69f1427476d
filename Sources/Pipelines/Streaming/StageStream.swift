import Diagnostics
import Synchronization

/// Stages that work at the same time, each on threads of its own, on a stream of elements.
///
///     let stream = StageStream(capacity: 2)
///     let pictures = try stream.source { _ in { number in try decode(number) } }
///     let answers = try stream.stage(pictures, workers: 2) { _ in
///       let session = try makeSession()
///       return { _, picture in try session.detect(picture) }
///     }
///     try stream.collect(answers) { number, answer in print(answer) }
///
/// - Elements keep their order, however many workers a stage has.
/// - Between two stages wait at most `capacity` elements: a fast stage waits for a slow one.
/// - What a worker makes for itself (a session, a codec) is made, used and freed on its thread.
/// - An error takes its element's place: `collect` gets everything before it, then throws it, as a
///   loop over the elements would.
/// - When `collect` returns or throws, no thread is left.
package final class StageStream: Sendable {
  package typealias Outcome<Value> = Result<Value, any Error>
  package typealias Queue<Value: Sendable> = OrderedQueue<Outcome<Value>>

  private struct State {
    var threads: [WorkerThread] = []
    var cancellations: [@Sendable () -> Void] = []
    var isCancelled = false
  }
  private let state = Mutex(State())
  private let capacity: Int
  private let weightLimit: Int

  /// Creates a stream without stages.
  /// - Parameters:
  ///   - capacity: the most elements between two stages.
  ///   - weightLimit: what they may weigh together, where there are several.
  package init(capacity: Int, weightLimit: Int = .max) {
    self.capacity = capacity
    self.weightLimit = weightLimit
  }

  deinit { stop() }

  /// The first stage: elements by number from 0 until there is none.
  /// - Parameters:
  ///   - weight: what an element weighs while it waits for the next stage.
  ///   - make: makes the body of one worker, by its number from 0, on its thread.
  package func source<Value: Sendable>(
    workers: Int = 1,
    weight: @escaping @Sendable (Value) -> Int = { _ in 0 },
    _ make: @escaping @Sendable (_ worker: Int) throws -> (_ number: Int) throws -> Value?
  ) throws -> Queue<Value> {
    let output: Queue<Value> = queue()
    let counter = Counter()
    for worker in 0..<max(1, workers) {
      try start {
        let body = Result { try make(worker) }
        while true {
          let number = counter.next()
          do {
            guard let value = try body.get()(number) else { return output.finish(at: number) }
            guard output.put(number, .success(value), weight: weight(value)) else { return }
          } catch {
            output.put(number, .failure(error))
            return
          }
        }
      }
    }
    return output
  }

  /// A stage after another.
  /// - Parameters:
  ///   - weight: what an element weighs while it waits for the next stage.
  ///   - make: makes the body of one worker, by its number from 0, on its thread.
  package func stage<Input: Sendable, Value: Sendable>(
    _ input: Queue<Input>,
    workers: Int = 1,
    weight: @escaping @Sendable (Value) -> Int = { _ in 0 },
    _ make: @escaping @Sendable (_ worker: Int) throws -> (_ number: Int, Input) throws -> Value
  ) throws -> Queue<Value> {
    let output: Queue<Value> = queue()
    for worker in 0..<max(1, workers) {
      try start {
        let body = Result { try make(worker) }
        while let (number, element) = input.take() {
          let outcome = Outcome { try body.get()(number, try element.get()) }
          let value = try? outcome.get()
          guard output.put(number, outcome, weight: value.map(weight) ?? 0) else { return }
        }
        if let end = input.end { output.finish(at: end) }
      }
    }
    return output
  }

  /// Gives what comes out at the end to `body`, in order, on the caller's thread.
  /// - Throws: the first error of a stage, what `body` throws, `stream.cancelled`.
  package func collect<Value: Sendable>(
    _ output: Queue<Value>,
    _ body: (_ number: Int, _ value: Value) throws -> Void
  ) throws {
    defer { stop() }
    while let (number, element) = output.take() { try body(number, try element.get()) }
    if state.withLock({ $0.isCancelled }) { throw Self.cancelled }
  }

  /// Calls everything off, from any thread; ``collect(_:_:)`` then throws as soon as the elements
  /// in work are done.
  func cancel() {
    let cancellations = state.withLock { state in
      state.isCancelled = true
      return state.cancellations
    }
    for cancel in cancellations { cancel() }
  }

  /// What is thrown where work was called off.
  static var cancelled: DeployError { DeployError(.streamCancelled, "the work was called off") }

  private func stop() {
    let (threads, cancellations) = state.withLock { state in
      defer { state.threads = [] }
      return (state.threads, state.cancellations)
    }
    for cancel in cancellations { cancel() }
    for thread in threads { thread.join() }
  }

  private func queue<Value: Sendable>() -> Queue<Value> {
    let queue = Queue<Value>(capacity: capacity, weightLimit: weightLimit)
    let isCancelled = state.withLock { state in
      state.cancellations.append { queue.cancel() }
      return state.isCancelled
    }
    if isCancelled { queue.cancel() }
    return queue
  }

  private func start(_ body: @escaping @Sendable () -> Void) throws {
    let thread = try WorkerThread(body)
    state.withLock { $0.threads.append(thread) }
  }
}

/// Numbers from 0, each once.
private final class Counter: Sendable {
  private let value = Atomic(0)
  func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}
