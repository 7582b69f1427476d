import Glibc
import Metrics

/// Reads the state of the machine, and what changed since the reading before.
struct MachineProbe {
  /// Processor time since the start, in ticks of all processors together.
  private struct Ticks {
    var total = 0.0
    var idle = 0.0
    var steal = 0.0
  }
  private var last: (ticks: Ticks, own: Double, switches: Int)?

  /// The state now; shares are since the reading before.
  mutating func read() -> MachineState {
    var state = MachineState(
      processor: Machine.processor,
      processorCount: Self.processorCount,
      kernel: Self.line("/proc/sys/kernel/osrelease") ?? "unknown",
      governor: Self.line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
      megahertz: Self.megahertz,
      loadAverage: Self.line("/proc/loadavg").flatMap { Double($0.prefix { $0 != " " }) } ?? 0,
      temperature: Self.temperature
    )
    let (own, switches) = (ProcessProbe.processorSeconds, ProcessProbe.forcedSwitches)
    let ticks = Self.ticks(Doctor.text("/proc/stat") ?? "")
    if let last, ticks.total > last.ticks.total {
      let total = ticks.total - last.ticks.total
      let busy = total - (ticks.idle - last.ticks.idle) - (ticks.steal - last.ticks.steal)
      let perSecond = Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
      state.stealShare = max(0, (ticks.steal - last.ticks.steal) / total)
      state.foreignShare = max(0, busy - (own - last.own) * perSecond) / total
      state.contextSwitches = switches - last.switches
    }
    last = (ticks, own, switches)
    return state
  }

  /// What makes figures doubtful that were measured between two states.
  static func warnings(_ before: MachineState, _ after: MachineState) -> [String] {
    var warnings: [String] = []
    func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
    if let steal = after.stealShare, steal > 0.02 {
      warnings.append("the host gave \(percent(steal)) of the processor time to others (steal)")
    }
    if let foreign = after.foreignShare, foreign > 0.05 {
      warnings.append("other processes took \(percent(foreign)) of the processor time")
    }
    if let governor = before.governor, governor != "performance" {
      warnings.append("the clock speed varies with load (governor '\(governor)')")
    }
    if let temperature = after.temperature, temperature >= 85 {
      warnings.append("the processor is hot (\(Int(temperature)) °C) and may slow down")
    }
    return warnings
  }

  /// Why nothing measured can be judged: others left the process less than half of the processor
  /// time that its threads need, so that its times are mostly waiting.
  static func obstacle(_ after: MachineState, threadCount: Int) -> String? {
    guard let foreign = after.foreignShare, let steal = after.stealShare,
      after.processorCount > 0
    else { return nil }
    let needed = Double(min(threadCount, after.processorCount)) / Double(after.processorCount)
    guard 1 - foreign - steal < needed / 2 else { return nil }
    return "others took \(Int(((foreign + steal) * 100).rounded())) % of the processor time"
  }

  /// The line `cpu` of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal.
  private static func ticks(_ text: String) -> Ticks {
    let line = text.split(separator: "\n").first { $0.hasPrefix("cpu ") } ?? ""
    let values = line.split(separator: " ").dropFirst().prefix(8).map { Double($0) ?? 0 }
    guard values.count == 8 else { return Ticks() }
    return Ticks(
      total: values.reduce(0, +),
      idle: values[3] + values[4],
      steal: values[7]
    )
  }

  /// The processors that this process may run on.
  static var processorCount: Int {
    Doctor.allowedCount(Doctor.text("/proc/self/status") ?? "")
      ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  private static var megahertz: Double? {
    let path = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq"
    if let text = line(path), let kilohertz = Double(text) { return kilohertz / 1000 }
    let fields = Doctor.cpuFields(Doctor.text("/proc/cpuinfo") ?? "").first
    return fields?["cpu MHz"].flatMap(Double.init)
  }

  private static var temperature: Double? {
    (0..<16).compactMap { zone -> Double? in
      guard let text = line("/sys/class/thermal/thermal_zone\(zone)/temp") else { return nil }
      return Double(text).map { $0 / 1000 }
    }.filter { (-50...200).contains($0) }.max()
  }

  private static func line(_ path: String) -> String? {
    guard let text = Doctor.text(path) else { return nil }
    let line = text.prefix { $0 != "\n" }
    return line.isEmpty ? nil : String(line)
  }
}
