public import Diagnostics
import Glibc

/// Damaged versions of a good input: every prefix, then seeded mutations.
///
/// A reader passes when each of them ends in success or in a ``DeployError``. A failure names
/// the seed and the case; a trap ends the process, so the case being tried is also kept in
/// `/tmp/vitrine-hostile.<name>.<pid>` until the run is over.
public struct HostileInput {
  /// What a whole run did.
  public struct Summary: Sendable {
    /// The number of inputs that were accepted all the same.
    public var accepted = 0
    /// How often each error came.
    public var refused: [Diagnostic.ID: Int] = [:]
    /// By how much the whole process's peak memory grew, in bytes.
    public var peakGrowth = 0
    /// The number of inputs tried.
    public var count: Int { accepted + refused.values.reduce(0, +) }
  }

  /// An input that ended in something else than success or a ``DeployError``, or took too long.
  public struct Failure: Error, CustomStringConvertible {
    /// The case, with its seed, and what happened.
    public let description: String
  }

  /// A name for messages, without spaces or slashes.
  public let name: String
  /// The good input.
  public let bytes: [UInt8]
  /// Where the mutations start.
  public let seed: UInt64

  /// Creates a driver.
  public init(_ name: String, bytes: [UInt8], seed: UInt64 = 20_261_122) {
    self.name = name
    self.bytes = bytes
    self.seed = seed
  }

  /// Tries every prefix (at most `prefixes`, evenly spread, always with the shortest and the
  /// longest) and `mutations` mutations.
  /// - Throws: ``Failure``.
  public func attack(
    prefixes: Int = .max,
    mutations: Int = 2000,
    secondsPerCase: Double = 20,
    _ read: ([UInt8]) throws -> Void
  ) throws -> Summary {
    var summary = Summary()
    let before = Self.peakMemory
    let journal = "/tmp/vitrine-hostile.\(name).\(getpid())"
    let descriptor = open(journal, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer {
      close(descriptor)
      unlink(journal)
    }
    func attempt(_ label: String, _ input: [UInt8]) throws {
      let text = "\(name): \(label)"
      _ = (text + "                \n").withCString { pwrite(descriptor, $0, strlen($0), 0) }
      let start = Self.now
      do {
        try read(input)
        summary.accepted += 1
      } catch let error as DeployError {
        summary.refused[error.id, default: 0] += 1
      } catch {
        throw Failure(description: "\(text) threw \(error), not a DeployError")
      }
      let seconds = Self.now - start
      guard seconds <= secondsPerCase else {
        throw Failure(description: "\(text) took \(seconds) s")
      }
    }
    let step = max(1, bytes.count / max(1, prefixes))
    for count in stride(from: 0, to: bytes.count, by: step) {
      try attempt("prefix of \(count) bytes", Array(bytes.prefix(count)))
    }
    if !bytes.isEmpty { try attempt("without its last byte", Array(bytes.dropLast())) }
    for index in 0..<mutations {
      try attempt("seed \(seed), mutation \(index)", mutated(index))
    }
    summary.peakGrowth = Self.peakMemory - before
    return summary
  }

  /// One mutation: bytes changed, extreme numbers written, a stretch removed, doubled or zeroed.
  public func mutated(_ index: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: seed &+ UInt64(index) &* 0x9E37_79B9)
    var result = bytes
    guard !result.isEmpty else { return result }
    for _ in 0..<Int.random(in: 1...3, using: &generator) where !result.isEmpty {
      let place = Int.random(in: 0..<result.count, using: &generator)
      let length = min(Int.random(in: 1...24, using: &generator), result.count - place)
      switch Int.random(in: 0..<10, using: &generator) {
      case 0...3: result[place] = .random(in: .min ... .max, using: &generator)
      case 4: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 5, 6:
        let byte: UInt8 = [0x00, 0xFF, 0x7F, 0x80, 0x40].randomElement(using: &generator) ?? 0
        let width = [1, 2, 4, 8].randomElement(using: &generator) ?? 1
        for offset in place..<min(place + width, result.count) { result[offset] = byte }
      case 7: result.removeSubrange(place..<place + length)
      case 8: result.insert(contentsOf: Array(result[place..<place + length]), at: place)
      default: for offset in place..<place + length { result[offset] = 0 }
      }
    }
    return result
  }

  /// The process's peak resident memory in bytes.
  private static var peakMemory: Int {
    var usage = rusage()
    getrusage(0, &usage)
    return usage.ru_maxrss * 1024
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
