import CMachinePeaks
import Diagnostics
import Files
import FoundationEssentials
import Glibc
import Metrics

/// What the machine can do at most, measured in well under a second and remembered.
struct PeakMeasurement {
  /// Threads that work at once.
  var threadCount: Int
  /// The folder of files that remember; nil measures anew each time.
  var cache: String?

  /// Each loop runs so often, and its best run counts: the peak is what nothing disturbed.
  private static let attempts = 6
  private static let secondsPerAttempt = 0.012
  /// Far more than the near caches of any core hold, over all threads.
  private static let memoryBytes = 192 << 20
  /// Assumed where the machine does not tell: 512 KiB per core.
  private static let usualCacheBytes = 512 << 10

  /// The remembered peaks of this processor and number of threads, or new ones.
  func peaks() -> MachinePeaks {
    let processor = Machine.processor
    let file = cache.map { "\($0)/peaks-1-\(Self.slug(processor))-\(threadCount).json" }
    if let file, let known = Self.read(file), known.processor == processor,
      known.threadCount == threadCount
    {
      return known
    }
    let measured = measure(processor)
    if let file, let cache {
      // A folder that cannot be written costs the next run a third of a second, nothing else.
      try? Folder.create(cache)
      if let bytes = try? JSONEncoder().encode(measured) {
        try? AtomicFile.write(Array(bytes), to: file)
      }
    }
    return measured
  }

  private func measure(_ processor: String) -> MachinePeaks {
    let near = Self.nearCacheBytes() ?? Self.usualCacheBytes
    let kinds: [(VTPeakKind, String)] = [
      (VTPeakFloat32, "float32"), (VTPeakBFloat16, "bfloat16"), (VTPeakInt8, "int8"),
    ]
    let arithmetic = kinds.compactMap { kind, precision -> MachinePeaks.Arithmetic? in
      guard let method = vtPeakMethod(kind).map({ String(cString: $0) }) else { return nil }
      let speed = best(kind, bytes: 0)
      guard speed > 0 else { return nil }
      return .init(precision: precision, gigaOperationsPerSecond: speed, method: method)
    }
    return MachinePeaks(
      processor: processor,
      threadCount: threadCount,
      arithmetic: arithmetic,
      memoryGigabytesPerSecond: best(VTPeakMemory, bytes: Self.memoryBytes / threadCount),
      cacheGigabytesPerSecond: best(VTPeakCache, bytes: near / 2),
      cacheByteCount: near * threadCount,
      method: "the best of \(Self.attempts) runs of \(Int(Self.secondsPerAttempt * 1000)) ms each: "
        + "independent multiply-adds in registers; a = b + s·c over \(Self.memoryBytes >> 20) MiB "
        + "(memory) and over half of each core's second-level cache, counting two reads and a write"
    )
  }

  /// In 10⁹ per second.
  private func best(_ kind: VTPeakKind, bytes: Int) -> Double {
    let rates = (0..<Self.attempts).map { _ in
      vtPeakMeasure(kind, Int32(clamping: threadCount), Self.secondsPerAttempt, bytes)
    }
    return (rates.max() ?? 0) / 1e9
  }

  /// The size of the second-level cache of the first processor, in bytes.
  private static func nearCacheBytes() -> Int? {
    let size = sysconf(Int32(_SC_LEVEL2_CACHE_SIZE))
    return size > 0 ? size : nil
  }

  private static func read(_ path: String) -> MachinePeaks? {
    guard let file = try? MappedFile(path: path), file.count < 1 << 16 else { return nil }
    return withExtendedLifetime(file) {
      try? JSONDecoder().decode(MachinePeaks.self, from: Data(file.bytes))
    }
  }

  private static func slug(_ text: String) -> String {
    String(text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }
}
