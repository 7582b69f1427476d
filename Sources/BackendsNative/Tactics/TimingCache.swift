import Backends
import Diagnostics
import Files
import FoundationEssentials
import Glibc

/// Measured times of tactics, for one kind of machine: a build that finds everything here measures
/// nothing, and gives the same plan again.
struct TimingCache: Sendable, Codable {
  /// The machine that the times are of: processor, instructions, threads.
  var device: String
  /// Milliseconds by signature, then by tactic.
  var times: [String: [String: Double]] = [:]

  /// Reads a cache; one of another machine, or none, is empty.
  /// - Returns: the cache, and what is worth saying about the file.
  static func read(_ path: String?, device: String) -> (TimingCache, [Diagnostic]) {
    let empty = TimingCache(device: device)
    guard let path, FileAccess.isReadable(path) else { return (empty, []) }
    guard let file = try? MappedFile(path: path), file.count < 64 << 20,
      let found = withExtendedLifetime(
        file,
        { try? JSONDecoder().decode(TimingCache.self, from: Data(file.bytes)) }
      ),
      found.times.values.allSatisfy({ $0.values.allSatisfy { $0.isFinite && $0 >= 0 } })
    else {
      let note = Diagnostic(
        .warning,
        .buildTimingCache,
        "the timing cache cannot be read and is written anew",
        at: .file(path: path)
      )
      return (empty, [note])
    }
    guard found.device == device else {
      let note = Diagnostic(
        .warning,
        .buildTimingCache,
        "the timing cache is of '\(found.device)', not of '\(device)': everything is measured again",
        at: .file(path: path)
      )
      return (empty, [note])
    }
    return (found, [])
  }

  /// Refuses a file that is something else, such as the network, and would be replaced.
  /// - Throws: `build.timing-cache`.
  static func checkReplaceable(_ path: String?) throws {
    guard let path, FileAccess.isReadable(path), let file = try? MappedFile(path: path),
      let first = withExtendedLifetime(
        file,
        { file.bytes.first { !UnicodeScalar($0).properties.isWhitespace } }
      ),
      first != UInt8(ascii: "{"), first != UInt8(ascii: "[")
    else { return }
    throw DeployError(
      .buildTimingCache,
      "is no timing cache, and would be replaced by one",
      at: .file(path: path),
      remedy: "give the name of a new file"
    )
  }

  /// What the system calls the processor: `AMD EPYC 9B14`; `processor` where it does not tell.
  static let processor: String = {
    // Such files have no size and cannot be mapped.
    guard let stream = fopen("/proc/cpuinfo", "r") else { return "processor" }
    defer { fclose(stream) }
    var line = [CChar](repeating: 0, count: 1024)
    for _ in 0..<64 {
      guard fgets(&line, Int32(line.count), stream) != nil else { break }
      let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let text = String(decoding: bytes, as: UTF8.self)
      guard text.hasPrefix("model name"), let name = text.split(separator: ":").last else {
        continue
      }
      return name.split { $0.isWhitespace }.joined(separator: " ")
    }
    return "processor"
  }()

  /// Writes the cache, whole or not at all.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(self)), to: path)
  }
}

extension Diagnostic.ID {
  /// A timing cache that could not be used.
  static let buildTimingCache: Self = "build.timing-cache"
}
