import ArgumentParser
import Diagnostics
import Glibc
import Pipelines
import Reports

/// Where the user's runs are kept, and which build this is.
enum DataFolder {
  /// `VITRINE_DATA`; then `vitrine` in `XDG_DATA_HOME`; then `~/.local/share/vitrine`.
  static var path: String {
    if let stated = variable("VITRINE_DATA") { return stated }
    if let user = variable("XDG_DATA_HOME") { return user + "/vitrine" }
    return (variable("HOME") ?? ".") + "/.local/share/vitrine"
  }

  /// The run history there.
  static var history: RunHistory {
    RunHistory(
      folder: path,
      version: RunHistory.version(Vitrine.configuration.version, checkout: Cache.checkout)
    )
  }

  /// Stores a report in the history: the one call of every command that measures. What hinders it
  /// is a warning, since the measurement itself is there.
  /// - Returns: the run's number, if it was stored.
  @discardableResult
  static func keep(_ report: Report, model: String, name: String? = nil) -> Int64? {
    do { return try history.record(report, model: model, name: name) } catch {
      let text = (error as? DeployError)?.description ?? "\(error)"
      Terminal.warn("the run is not kept: \(text)")
      return nil
    }
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
