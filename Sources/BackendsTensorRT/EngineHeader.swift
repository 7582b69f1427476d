import Backends
import Diagnostics

/// The first bytes of an engine, which say who made it and for what.
///
/// 64 bytes: a sign (`ftrt`, `ptrt`; RTX: `vtrt`), the size of the whole engine (at 16), the
/// release in one byte each (at 24), and for RTX the targets as a set of bits (at 32).
/// Source: engines of TensorRT for RTX 1.4.0.76 and 1.7.1.116, built for one target after the other;
/// sign and release stand at the same places in TensorRT's own engines, as trtexec reads them.
struct EngineHeader: Sendable, Hashable {
  let flavor: TensorRTFlavor
  let version: TensorRTVersion
  let build: Int
  /// The size of the whole engine; known of RTX.
  let byteCount: Int?
  /// Compute capabilities such as 86; known of RTX.
  let targets: [Int]
  /// Targets whose meaning is not known here.
  let hasOtherTargets: Bool

  static let byteCount = 64
  private static let targetBits: [(bit: UInt8, capability: Int)] = [
    (0x01, 75), (0x02, 80), (0x04, 86), (0x08, 89), (0x10, 120), (0x20, 121),
  ]

  /// Reads a header.
  /// - Throws: `plan.unknown`, `plan.truncated`.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    let sign = String(decoding: bytes.prefix(4), as: UTF8.self)
    switch sign {
    case "ftrt", "ptrt": flavor = .tensorRT
    case "vtrt": flavor = .rtx
    default:
      throw DeployError(
        .planUnknown,
        "holds no TensorRT engine: it starts with neither ftrt, ptrt nor vtrt",
        remedy: "build the plan again with `vitrine build`"
      )
    }
    guard bytes.count >= Self.byteCount else {
      throw DeployError(
        .planTruncated,
        "ends after \(bytes.count) bytes, within the header of the engine",
        remedy: "copy the file again, or build the plan again"
      )
    }
    version = TensorRTVersion(major: Int(bytes[24]), minor: Int(bytes[25]), patch: Int(bytes[26]))
    build = Int(bytes[27])
    guard flavor == .rtx else {
      (byteCount, targets, hasOtherTargets) = (nil, [], false)
      return
    }
    let size = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian
    byteCount = Int(exactly: size) ?? .max
    let bits = bytes[32]
    let known = Self.targetBits.reduce(UInt8(0)) { $0 | $1.bit }
    targets = Self.targetBits.filter { bits & $0.bit != 0 }.map(\.capability)
    hasOtherTargets = bits & ~known != 0
  }

  /// `8.6, 8.9`.
  var targetText: String {
    let names = targets.map { "\($0 / 10).\($0 % 10)" }
    return (names + (hasOtherTargets ? ["others"] : [])).joined(separator: ", ")
  }
}
