import CTensorRT

/// Layer times as the library reports them after each run.
final class TensorRTLayerTimer {
  let profiler: UnsafeMutablePointer<VTTrtProfiler>
  /// The layers of the last run, in order.
  private(set) var times: [(name: String, milliseconds: Float)] = []

  init(_ table: UnsafePointer<VTTrtTable>) {
    profiler = .allocate(capacity: 1)
    profiler.initialize(to: VTTrtProfiler())
    vtTrtMakeProfiler(table, profiler)
    profiler.pointee.user = Unmanaged.passUnretained(self).toOpaque()
    profiler.pointee.layer = { user, name, milliseconds in
      guard let user, let name else { return }
      let timer = Unmanaged<TensorRTLayerTimer>.fromOpaque(user).takeUnretainedValue()
      timer.times.append((String(cString: name), milliseconds))
    }
  }

  deinit { profiler.deallocate() }

  /// Forgets the last run.
  func begin() { times.removeAll(keepingCapacity: true) }
}
