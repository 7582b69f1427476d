import Metrics

/// Looks at the first NVIDIA GPU while something runs.
enum GPUMonitor {
  /// What was seen.
  enum Finding: Sendable {
    /// The device, with means over the time.
    case seen(GPUUse)
    /// Why there is nothing to see.
    case absent(String)
  }

  /// Looks ten times a second until the task is cancelled.
  /// - Parameter libraries: the files to look for NVML in, in order.
  static func watch(
    libraries: [String] = ["libnvidia-ml.so.1"],
    interval: Duration = .milliseconds(100)
  ) async -> Finding {
    let management: NVML
    switch NVML.open(libraries) {
    case .success(let opened): management = opened
    case .failure(let absence): return .absent(absence.reason)
    }
    defer { management.close() }
    var samples = [management.sample()]
    // The shortest run is looked at twice, too: before it and after it.
    repeat {
      try? await Task.sleep(for: interval)
      samples.append(management.sample())
    } while !Task.isCancelled
    return .seen(summary(management, samples))
  }

  private static func summary(_ management: NVML, _ samples: [NVML.Sample]) -> GPUUse {
    var use = GPUUse(
      name: management.deviceName,
      driver: management.driver,
      sampleCount: samples.count
    )
    use.utilization = mean(samples.compactMap(\.utilization))
    use.clockMegahertz = mean(samples.compactMap(\.megahertz))
    use.powerWatts = mean(samples.compactMap(\.watts))
    use.peakMemoryBytes = samples.compactMap(\.memoryBytes).max()
    use.memoryBytesAtStart = samples.first?.memoryBytes
    use.memoryBytesAtEnd = samples.last?.memoryBytes
    use.temperature = samples.compactMap(\.temperature).max()
    return use
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
