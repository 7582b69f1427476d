import Files
import Glibc

/// Where `Scripts/setup` keeps what it downloaded.
enum Cache {
  /// `VITRINE_CACHE`, which the launcher sets; then the checkout that this executable was built
  /// in; then the user's cache folder.
  static var path: String {
    if let stated = variable("VITRINE_CACHE") { return stated }
    if let checkout, Folder.exists(checkout + "/.cache") { return checkout + "/.cache" }
    return user
  }

  /// The user's own cache folder, for what is true of the machine.
  static var user: String {
    if let user = variable("XDG_CACHE_HOME") { return user + "/vitrine" }
    return (variable("HOME") ?? ".") + "/.cache/vitrine"
  }

  /// The Python of `Scripts/setup --peers`, if it is there.
  static var peerPython: String? {
    let python = path + "/peers/bin/python"
    return access(python, X_OK) == 0 ? python : nil
  }

  /// The folder above `.build`, if this executable lies in one.
  static var checkout: String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { return nil }
    let path = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard let range = path.firstRange(of: "/.build/") else { return nil }
    return String(path[..<range.lowerBound])
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
