import Metrics

/// What one engine's legs add up to.
struct FrameworkTally {
  var milliseconds: [Double] = []
  var warmUpCount = 0
  var processorSeconds = 0.0
  var wallSeconds = 0.0
  var peakMemory: Int64 = 0

  /// Adds a leg.
  /// - Returns: its median run, in milliseconds.
  mutating func add(_ reply: PeerReply) -> Double {
    let times = reply.milliseconds ?? []
    milliseconds += times
    processorSeconds += reply.processorSeconds ?? 0
    wallSeconds += reply.wallSeconds ?? 0
    peakMemory = max(peakMemory, reply.peakMemory ?? 0)
    return times.isEmpty ? 0 : times.sorted()[times.count / 2]
  }

  /// Fills an engine's column.
  func fill(_ column: inout FrameworkMeasurement) {
    let total = milliseconds.reduce(0, +)
    column.latency = LatencySummary(milliseconds: milliseconds, warmUpCount: warmUpCount)
    column.throughput = total > 0 ? Double(milliseconds.count) * 1000 / total : nil
    column.peakMemory = peakMemory > 0 ? peakMemory : nil
    column.processorLoad = wallSeconds > 0 ? processorSeconds / wallSeconds : nil
  }
}
