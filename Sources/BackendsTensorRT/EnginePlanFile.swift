import Backends
import Diagnostics
import Files
import FoundationEssentials

/// A plan file: the passport, then the engine.
///
///     0   VITRTRT1
///     8   size of the passport, 8 bytes, the least first
///     16  size of the engine, 8 bytes
///     24  SHA-256 of the passport, 64 hexadecimal digits
///     88  the passport (JSON), then the engine
struct EnginePlanFile {
  let manifest: PlanManifest
  let header: EngineHeader
  /// The engine's place in the file.
  let engine: Range<Int>

  static let magic = Array("VITRTRT1".utf8)
  private static let headByteCount = 88
  private static let manifestLimit = 64 << 20

  /// The contents of a file.
  static func bytes(_ manifest: PlanManifest, engine: [UInt8]) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let passport = Array(try encoder.encode(manifest))
    var bytes = magic
    for count in [passport.count, engine.count] {
      withUnsafeBytes(of: UInt64(count).littleEndian) { bytes += $0 }
    }
    bytes += Array(passport.withUnsafeBytes { SHA256.hex($0) }.utf8)
    return bytes + passport + engine
  }

  /// Reads and checks a file: first what it says, then every byte.
  /// - Throws: `plan.unknown`, `plan.truncated`, `plan.damaged`, `plan.other-backend`.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.starts(with: Self.magic) else { throw Self.stranger(bytes) }
    guard bytes.count >= Self.headByteCount else { throw Self.truncated(bytes.count, nil) }
    let sizes = [8, 16].map {
      Int(exactly: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self).littleEndian)
    }
    guard let passportCount = sizes[0], let engineCount = sizes[1],
      passportCount <= Self.manifestLimit, engineCount > 0
    else { throw Self.damaged("states sizes that no plan has") }
    let engineStart = Self.headByteCount + passportCount
    let (end, overflow) = engineStart.addingReportingOverflow(engineCount)
    guard !overflow, end <= bytes.count else { throw Self.truncated(bytes.count, end) }
    guard end == bytes.count else {
      throw Self.damaged("goes on for \(bytes.count - end) bytes after the engine")
    }
    let passport = UnsafeRawBufferPointer(rebasing: bytes[Self.headByteCount..<engineStart])
    let digest = String(decoding: bytes[24..<Self.headByteCount], as: UTF8.self)
    guard SHA256.hex(passport) == digest else {
      throw Self.damaged("has a passport that is not the one that was written")
    }
    guard let manifest = try? JSONDecoder().decode(PlanManifest.self, from: Data(passport)),
      manifest.isSound, manifest.engineByteCount == engineCount
    else { throw Self.damaged("has a passport that cannot be read") }
    let content = UnsafeRawBufferPointer(rebasing: bytes[engineStart..<end])
    guard SHA256.hex(content) == manifest.engineDigest else {
      throw Self.damaged("holds an engine whose bytes are not those that were written")
    }
    self.manifest = manifest
    header = try EngineHeader(content)
    engine = engineStart..<end
  }

  private static func stranger(_ bytes: UnsafeRawBufferPointer) -> DeployError {
    if let header = try? EngineHeader(bytes) {
      return DeployError(
        .planOtherBackend,
        "is an engine of \(header.flavor.title) \(header.version.text) without a passport: what "
          + "its numbers mean is not known",
        remedy: "build a plan from the model with `vitrine build`"
      )
    }
    return DeployError(
      .planUnknown,
      "is no TensorRT plan that `vitrine build` wrote",
      remedy: "give a file that `vitrine build --backend tensorrt` or `tensorrt-rtx` wrote"
    )
  }

  static func truncated(_ count: Int, _ expected: Int?) -> DeployError {
    DeployError(
      .planTruncated,
      "ends after \(count) bytes" + (expected.map { " of \($0)" } ?? ", within its head"),
      remedy: "copy the file again, or build the plan again"
    )
  }

  private static func damaged(_ message: String) -> DeployError {
    DeployError(
      .planDamaged,
      message,
      remedy: "copy the file again, or build the plan again; an engine is never run unchecked"
    )
  }
}
