import Glibc

/// Where `Scripts/setup` keeps what it downloaded.
enum Cache {
  /// `VITRINE_CACHE`, which the launcher sets; otherwise the user's cache folder.
  static var path: String {
    if let stated = variable("VITRINE_CACHE") { return stated }
    if let user = variable("XDG_CACHE_HOME") { return user + "/vitrine" }
    return (variable("HOME") ?? ".") + "/.cache/vitrine"
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
