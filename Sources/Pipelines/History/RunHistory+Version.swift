import Files
import Glibc

extension RunHistory {
  /// The version of this very executable: `0.1.0 1a2b3c4-dirty #5d6e7f809a1b`: the release, what
  /// git says of the checkout that it was built in, and the start of the executable's SHA-256.
  /// - Parameter checkout: the folder that the executable was built in, where it is known.
  public static func version(_ release: String, checkout: String?) -> String {
    var parts = [release]
    if let checkout {
      let arguments = ["-C", checkout, "describe", "--always", "--dirty"]
      let answer = ChildProcess.run("git", arguments, seconds: 2)
      let text = answer.output.split(whereSeparator: \.isNewline).first
      if answer.exitCode == 0, let text { parts.append(String(text)) }
    }
    if let digest = try? SHA256.hex(ofFile: "/proc/self/exe") {
      parts.append("#\(digest.prefix(12))")
    }
    return parts.joined(separator: " ")
  }

  /// What tells builds apart: the digest, where there is one.
  static func build(_ version: String) -> Substring {
    version.lastIndex(of: "#").map { version[$0...] } ?? version[...]
  }
}
