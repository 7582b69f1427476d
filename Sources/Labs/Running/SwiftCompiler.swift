import Files
import Glibc
import Synchronization

/// Swift's compiler, by which learners' sources become programs.
///
/// It runs apart from everything, as the programs themselves do: whatever a source makes it read, the program
/// could read itself. Macros and plugins come from the compiler's own folders only, which nobody can write to
/// from within; no folder of headers or modules is searched besides them.
package enum SwiftCompiler {
  static let name = "swiftc"

  /// Whether there is one on this machine.
  package static var isInstalled: Bool { Interpreters.path(of: name).hasPrefix("/") }

  /// What one compilation may use: much less is enough for any program of a lab, and sources can be written
  /// that would need all there is.
  static let limits: RunLimits = {
    var limits = RunLimits()
    limits.wallSeconds = 60
    limits.memoryBytes = 4 << 30
    limits.folderBytes = 256 << 20
    limits.processCount = 64
    return limits
  }()

  /// Where it keeps what it made of C's headers: below the program's own folder, since what lies in `/tmp` could
  /// have been put there by another program.
  static let modules = "modules"

  static func command(_ sources: [String], output: String) -> [String] {
    [name, "-O", "-whole-module-optimization", "-module-cache-path", modules, "-o", output]
      + sources
  }

  /// The errors among what it printed, a line each, as `plan.swift:7:12: error: …`; all it printed where it
  /// has none.
  static func errors(in text: String) -> String {
    let lines = text.split(separator: "\n").filter {
      $0.contains(".swift:") && $0.contains(": error: ")
    }
    guard !lines.isEmpty else { return text }
    return lines.map { line in
      line.firstRange(of: "program/").map { String(line[$0.upperBound...]) } ?? String(line)
    }.joined(separator: "\n")
  }

  /// Programs by the digest of the files that they were made of, in this process's own memory: no program of a
  /// learner can write there.
  private static let made = Mutex<[String: [UInt8]]>([:])
  private static let madeLimit = 16
  private static let byteLimit = 4 << 20

  /// The program made of the same files before; nil where there is none.
  static func program(_ digest: String) -> [UInt8]? { made.withLock { $0[digest] } }

  /// Keeps a program that was just made, unless it is large.
  static func keep(_ path: String, for digest: String) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let bytes = try? MappedFile.contents(of: path, limit: byteLimit)
    else { return }
    made.withLock { made in
      if made.count >= madeLimit { made.removeAll() }
      made[digest] = bytes
    }
  }
}
