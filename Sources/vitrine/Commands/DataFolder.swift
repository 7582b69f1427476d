import ArgumentParser
import Glibc
import Pipelines

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

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
