import Glibc

/// A fixed piece of arithmetic, timed in turns with a network, to tell a slower machine from a
/// slower network: chains of multiply-adds on registers, on as many threads as the network uses.
/// It touches no memory: how fast that is depends on where its pages happen to lie, which differs
/// from process to process by more than what is looked for.
public final class ControlKernel {
  /// Which arithmetic this is. Times of different kernels do not compare.
  public static let name = "fma 3"

  /// The number of threads.
  public let threadCount: Int

  /// Creates a kernel.
  /// - Parameter threadCount: at least 1.
  public init(threadCount: Int) {
    self.threadCount = max(1, min(threadCount, 64))
  }

  /// Does the work often enough to last some milliseconds: once is over before a cold cache or a
  /// sleeping core has caught up, and says nothing.
  /// - Returns: the median time of a run.
  public func leg() -> Duration {
    let times = (0..<Self.runsPerLeg).map { _ in run() }.sorted()
    return times[times.count / 2]
  }

  private static let runsPerLeg = 21

  /// Does the work once, on all threads.
  /// - Returns: the time until the last one was done.
  public func run() -> Duration {
    let clock = ContinuousClock()
    let start = clock.now
    var threads: [pthread_t] = []
    for _ in 1..<max(threadCount, 1) {
      let share = Share()
      var thread = pthread_t()
      let context = Unmanaged.passRetained(share).toOpaque()
      let failed = pthread_create(
        &thread,
        nil,
        { context in
          guard let context else { return nil }
          Unmanaged<Share>.fromOpaque(context).takeRetainedValue().work()
          return nil
        },
        context
      )
      if failed == 0 {
        threads.append(thread)
      } else {
        Unmanaged<Share>.fromOpaque(context).release()
      }
    }
    Share().work()
    for thread in threads { pthread_join(thread, nil) }
    return clock.now - start
  }

  /// What one thread does.
  private final class Share {
    private(set) var result: Float = 0

    func work() {
      var sums = [SIMD8<Float>](repeating: SIMD8(repeating: 0.5), count: 8)
      let factor = SIMD8<Float>(repeating: 0.999)
      for _ in 0..<60_000 {
        for lane in 0..<8 { sums[lane] = sums[lane] * factor + factor }
      }
      result = sums.reduce(SIMD8<Float>.zero, +).sum()
      // Read through a call that is not optimised away, so that neither is the work.
      blackHole(result)
    }
  }
}

@inline(never)
@_optimize(none)
private func blackHole(_ value: Float) {}
