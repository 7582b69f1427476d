extension LayerProfile {
  /// The profile in one line, for people.
  public var words: String {
    let total = totalMilliseconds.map { "\(rounded($0, 1)) ms, " } ?? ""
    return "\(total)\(layers.count) layers (\(backend) \(version))"
  }
}

extension MachinePeaks {
  /// The peaks in one line, for people.
  public var words: String {
    let speeds = arithmetic.map { "\($0.precision) \(rounded($0.gigaOperationsPerSecond, 0))" }
    return "GFLOP/s: \(speeds.joined(separator: ", ")) · GB/s: memory "
      + "\(rounded(memoryGigabytesPerSecond, 0)), caches \(rounded(cacheGigabytesPerSecond, 0)) "
      + "(\(threadCount == 1 ? "1 thread" : "\(threadCount) threads"))"
  }
}
