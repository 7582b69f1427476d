import Backends
import CTensorRT
import Diagnostics
import Synchronization

/// What a library says while it works.
///
/// TensorRT keeps the first logger that it is given for as long as the process lives, so there is
/// one per opened library and it is never freed. Builds take turns (``TensorRTLibrary/turn``), so
/// that each one's messages are its own.
// The C structure is written once, before anyone else knows of it.
final class TensorRTLog: @unchecked Sendable {
  /// Source: TensorRT, `ILogger::Severity`.
  enum Severity: Int32 {
    case internalError = 0
    case error
    case warning
    case info
    case verbose
  }

  struct Message {
    let severity: Severity
    let text: String
  }

  private struct State {
    var messages: [Message] = []
    var layers = ""
  }
  private let state = Mutex(State())
  let logger: UnsafeMutablePointer<VTTrtLogger>

  init(_ table: UnsafePointer<VTTrtTable>) {
    logger = .allocate(capacity: 1)
    vtTrtMakeLogger(
      table,
      logger,
      { user, severity, text in
        guard let user, let text else { return }
        Unmanaged<TensorRTLog>.fromOpaque(user).takeUnretainedValue().take(severity, text)
      },
      Unmanaged.passRetained(self).toOpaque()
    )
  }

  private func take(_ number: Int32, _ text: UnsafePointer<CChar>) {
    guard let severity = Severity(rawValue: number) else { return }
    let isAccountOfLayers = severity == .verbose && Self.starts(text, with: "Layers:\n")
    guard severity.rawValue <= Severity.warning.rawValue || isAccountOfLayers else { return }
    let message = String(cString: text)
    state.withLock { state in
      if isAccountOfLayers {
        state.layers = message
      } else if state.messages.count < 200 {
        state.messages.append(Message(severity: severity, text: message))
      }
    }
  }

  private static func starts(_ text: UnsafePointer<CChar>, with prefix: StaticString) -> Bool {
    for index in 0..<prefix.utf8CodeUnitCount
    where UInt8(bitPattern: text[index]) != prefix.utf8Start[index] { return false }
    return true
  }

  /// Forgets everything.
  func clear() { state.withLock { $0 = State() } }

  /// The account of the built engine's layers, where the builder gave one.
  var layers: String { state.withLock { $0.layers } }

  /// Errors in the library's own words, without the places in its sources; nil where it said none.
  var errors: String? {
    let texts = state.withLock { $0.messages }
      .filter { $0.severity.rawValue <= Severity.error.rawValue }.map { Self.essence($0.text) }
    var seen: Set<String> = []
    let distinct = texts.filter { seen.insert($0).inserted }
    return distinct.isEmpty ? nil : distinct.prefix(6).joined(separator: "; ")
  }

  /// Warnings, each once.
  func warnings() -> [Diagnostic] {
    var seen: Set<String> = []
    return state.withLock { $0.messages }
      .filter { $0.severity == .warning && seen.insert($0.text).inserted }
      .map { Diagnostic(.warning, .backendFailed, "the engine's builder says: \($0.text)") }
  }

  /// `[checkMacros.cpp::catchCudaError::250] Error Code 1: …` without what stands in brackets.
  static func essence(_ text: String) -> String {
    var rest = text[...]
    while rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      rest = rest[rest.index(after: end)...].drop { $0 == " " || $0 == ":" }
    }
    return String(rest)
  }
}
