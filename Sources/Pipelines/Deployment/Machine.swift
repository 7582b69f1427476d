import Backends
import Diagnostics
import Files
import Glibc

/// The machine in a few words, for reports.
enum Machine {
  static func facts(_ backend: BackendChoice) -> [String: String] {
    var facts: [String: String] = [
      "processor": processor, "cores": "\(processorCount)",
    ]
    for engine in backend.catalog.all {
      let name = "backend \(type(of: engine).name)"
      switch engine.availability() {
      case .available(let version): facts[name] = version
      case .unavailable(let reason): facts[name] = "absent: \(reason.message)"
      }
    }
    return facts
  }

  /// How many processors this process may count on.
  static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// The name of the processor.
  static var processor: String {
    guard let file = fopen("/proc/cpuinfo", "r") else { return "unknown" }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
        as: UTF8.self
      )
      if text.hasPrefix("model name"), let colon = text.firstIndex(of: ":") {
        return text[text.index(after: colon)...].split(separator: " ").joined(separator: " ")
          .trimmingSuffix(while: { $0.isNewline })
      }
    }
    return "unknown"
  }
}

extension String {
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
    var text = self
    while let last = text.last, predicate(last) { text.removeLast() }
    return text
  }
}
