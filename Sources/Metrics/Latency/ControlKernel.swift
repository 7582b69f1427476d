import Glibc

/// A fixed piece of arithmetic, timed in turns with a network, to tell a slower machine from a
/// slower network: chains of multiply-adds on registers, and passes over memory beyond the near
/// caches, on as many threads as the network uses.
public final class ControlKernel {
  /// Which arithmetic this is. Times of different kernels do not compare.
  public static let name = "fma+stream 1"

  /// The number of threads.
  public let threadCount: Int
  private var memories: [[SIMD8<Float>]]

  /// Creates a kernel.
  /// - Parameter threadCount: at least 1.
  public init(threadCount: Int) {
    self.threadCount = max(1, min(threadCount, 64))
    memories = (0..<self.threadCount).map { index in
      [SIMD8<Float>](repeating: SIMD8(repeating: 1 + Float(index)), count: 1 << 16)
    }
  }

  /// Does the work once, on all threads.
  /// - Returns: the time until the last one was done.
  public func run() -> Duration {
    let clock = ContinuousClock()
    let start = clock.now
    var threads: [pthread_t] = []
    for index in 1..<max(threadCount, 1) {
      let share = Share(memories[index])
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
    Share(memories[0]).work()
    for thread in threads { pthread_join(thread, nil) }
    return clock.now - start
  }

  /// What one thread does.
  private final class Share {
    private let memory: [SIMD8<Float>]
    private(set) var result: Float = 0

    init(_ memory: [SIMD8<Float>]) { self.memory = memory }

    func work() {
      var sums = [SIMD8<Float>](repeating: SIMD8(repeating: 0.5), count: 8)
      let factor = SIMD8<Float>(repeating: 0.999)
      for _ in 0..<12_000 {
        for lane in 0..<8 { sums[lane] = sums[lane] * factor + factor }
      }
      for _ in 0..<2 {
        for (index, value) in memory.enumerated() { sums[index & 7] += value }
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
