import Glibc

/// What this process has used so far.
enum ProcessProbe {
  private static var usage: rusage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage
  }

  /// Processor time of all threads, in seconds.
  static var processorSeconds: Double {
    let usage = usage
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// How often it was put aside for another.
  static var forcedSwitches: Int { usage.ru_nivcsw }

  /// Forgets the highest memory so far.
  /// - Returns: whether the system allows that.
  static func resetPeak() -> Bool {
    let descriptor = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return write(descriptor, "5", 1) == 1
  }

  /// The most memory held since the start or the last reset, in bytes.
  static var peakResidentBytes: Int64 {
    let status = Doctor.text("/proc/self/status") ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    guard let words = line?.split(whereSeparator: \.isWhitespace), words.count >= 2,
      let kibibytes = Int64(words[1]), kibibytes < 1 << 50
    else { return Int64(usage.ru_maxrss) * 1024 }
    return kibibytes * 1024
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
  }
}
