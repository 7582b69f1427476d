import Glibc

/// The times of one stage over many runs: what this thread spent on the processor, so that other
/// work on the machine does not count.
struct Stopwatch {
  private var milliseconds: [Double] = []

  /// Runs and times `body`.
  mutating func time<Result>(_ body: () throws -> Result) rethrows -> Result {
    let start = Self.now
    let result = try body()
    milliseconds.append(Self.now - start)
    return result
  }

  /// The middle one; 0 before the first run.
  var median: Double {
    milliseconds.isEmpty ? 0 : milliseconds.sorted()[milliseconds.count / 2]
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
  }
}
