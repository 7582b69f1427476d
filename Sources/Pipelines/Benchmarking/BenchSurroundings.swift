import Metrics

/// What a group was measured in.
struct BenchSurroundings {
  let before: MachineState
  let after: MachineState
  let peakResidentBytes: Int64
  let isPeakOwn: Bool
  let gpu: GPUMonitor.Finding

  func use(_ tally: BenchTally) -> ResourceUse? {
    guard tally.usage.pictures > 0, tally.usage.wall > 0 else { return nil }
    var use = ResourceUse(
      processorSecondsPerImage: tally.usage.processor / Double(tally.usage.pictures),
      processorLoad: tally.usage.processor / tally.usage.wall,
      peakResidentBytes: peakResidentBytes,
      isPeakOwn: isPeakOwn
    )
    switch gpu {
    case .seen(let seen): use.gpu = seen
    case .absent(let reason): use.gpuAbsence = reason
    }
    return use
  }
}
