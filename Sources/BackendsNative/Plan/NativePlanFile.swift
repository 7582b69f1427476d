import Backends
import CNativeKernels
import Diagnostics
import Files
import FoundationEssentials
import Graphs
import Tensors

/// A plan file of the native engine: what it says of itself, then its constants as the kernels
/// read them, so that they are mapped and never copied.
///
///     0   VITRPLAN
///     8   format version, 8 bytes, the least first, like all sizes
///     16  size of the head (JSON)
///     24  size of the whole file
///     32  SHA-256 of everything from byte 96 on, 64 hexadecimal digits
///     96  the head, then the constants, each at a multiple of 64 bytes
///
/// In every version the first 96 bytes are so, and the head has `source` and `options`: what a plan
/// of another version is built from can be told.
///
/// The same network, options and timing cache give the same bytes.
struct NativePlanFile {
  /// What a plan says of itself.
  struct Head: Sendable, Codable {
    struct Interface: Sendable, Codable {
      var name: String
      var type: TensorType
    }
    /// The instructions that its kernels need; see `native_isa`.
    var instructions: UInt32
    /// What it was built from.
    var source: PlanSource
    /// How, apart from how long was searched.
    var options: PlanBuildOptions
    var inputs: [Interface]
    var outputs: [Interface]
    var contract: ModelContract?
    /// `float32`, or what float32 parts are computed in.
    var precision: String
    /// Optimisations that were left out.
    var disabled: [String]
    /// Where every shape is known.
    var program: StoredProgram?
    /// Where some are open: the ranges, and the constant that holds the network as ONNX.
    var profiles: [ShapeProfile] = []
    var network: Int?
    /// What measurements chose, by signature.
    var tactics: [String: Tactic]
    /// The release of oneDNN that was measured, where it computes some layers.
    var oneDNN: String?
    /// What the passes did, in order.
    var patches: [String]
    /// Places of the constants in the file.
    var constants: [Place] = []

    /// Whether a layer is oneDNN's, or may be.
    var needsOneDNN: Bool {
      let layers = program?.layers ?? []
      let isUsed = layers.contains { layer in
        if case .convolution(let work) = layer.work { work.kind == .oneDNN } else { false }
      }
      return isUsed || (program == nil && tactics.values.contains { $0.kind == .oneDNN })
    }

    /// Whether its sizes can be worked with: shapes have no extents below zero.
    func checkTypes() throws {
      let types = (inputs + outputs).map(\.type) + (program?.outputs.map(\.type) ?? [])
      let extents = types.flatMap { $0.dimensions.compactMap(\.value) }
      guard extents.allSatisfy({ (0...1 << 34).contains($0) }) else {
        throw DeployError.damagedPlan("an input or output has no sensible extents")
      }
      guard contract?.isSound != false else {
        throw DeployError.damagedPlan("its contract states sizes that no network has")
      }
    }
  }

  struct Place: Sendable, Codable {
    var offset: Int
    var byteCount: Int
  }

  static let magic = Array("VITRPLAN".utf8)
  /// Changes with every change of the head, of a layout or of what a kernel expects.
  static let version: UInt64 = 3
  private static let preambleByteCount = 96
  private static let headLimit = 256 << 20

  let head: Head
  /// The constants, in the mapped file.
  let constants: [UnsafeRawBufferPointer]

  // MARK: Writing

  /// The contents of a file. The head gets the constants' places.
  static func bytes(_ head: inout Head, _ constants: [[UInt8]]) throws -> [UInt8] {
    head.constants = constants.map { Place(offset: 0, byteCount: $0.count) }
    // Offsets are from the end of the head, so that they do not depend on its size.
    var offset = 0
    for index in constants.indices {
      head.constants[index].offset = offset
      offset = (offset + constants[index].count + 127) & ~63
    }
    let text = Array(try encoder.encode(head))
    let start = (preambleByteCount + text.count + 63) & ~63
    var bytes = [UInt8](repeating: 0, count: start + offset)
    bytes.replaceSubrange(0..<8, with: magic)
    bytes.replaceSubrange(preambleByteCount..<(preambleByteCount + text.count), with: text)
    for (place, constant) in zip(head.constants, constants) {
      let first = start + place.offset
      bytes.replaceSubrange(first..<(first + constant.count), with: constant)
    }
    for (index, value) in [version, UInt64(text.count), UInt64(bytes.count)].enumerated() {
      withUnsafeBytes(of: value.littleEndian) {
        bytes.replaceSubrange((8 + 8 * index)..<(16 + 8 * index), with: $0)
      }
    }
    let digest = bytes.withUnsafeBytes {
      SHA256.hex(UnsafeRawBufferPointer(rebasing: $0[preambleByteCount...]))
    }
    bytes.replaceSubrange(32..<96, with: Array(digest.utf8))
    return bytes
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    return encoder
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    return decoder
  }

  // MARK: Reading

  /// Reads and checks a file: first what it says, then every byte. The memory must outlive this.
  /// - Throws: `plan.unknown`, `plan.truncated`, `plan.other-version`, `plan.damaged`.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    let preamble = try Preamble(bytes)
    guard preamble.version == Self.version else {
      throw DeployError(
        .planOtherVersion,
        "is a plan of version \(preamble.version), and this engine reads version \(Self.version)",
        remedy: "build it again with `vitrine build`, or let --rebuild do so"
      )
    }
    let text = try preamble.head(bytes)
    do { head = try Self.decoder.decode(Head.self, from: Data(text)) } catch {
      throw DeployError.damagedPlan("its head cannot be read")
    }
    try head.checkTypes()
    let start = (Self.preambleByteCount + text.count + 63) & ~63
    constants = try head.constants.map { place in
      // Kernels may read a vector past a constant: what lies there must be the file's, too.
      guard place.offset >= 0, place.offset % 64 == 0, place.byteCount >= 0,
        place.byteCount <= bytes.count, place.offset <= bytes.count,
        start + place.offset + place.byteCount + 64 <= bytes.count
      else { throw DeployError.damagedPlan("a constant lies outside the file") }
      let first = start + place.offset
      return UnsafeRawBufferPointer(rebasing: bytes[first..<(first + place.byteCount)])
    }
  }

  /// From what and how a plan of any version was built.
  /// - Throws: `plan.unknown`, `plan.truncated`, `plan.damaged`.
  static func origin(_ bytes: UnsafeRawBufferPointer) throws -> PlanOrigin {
    let text = try Preamble(bytes).head(bytes)
    do { return try decoder.decode(PlanOrigin.self, from: Data(text)) } catch {
      throw DeployError(
        .planUnknownOrigin,
        "does not tell from what and how it was built",
        remedy: "build it from the model with `vitrine build`"
      )
    }
  }

  /// What is the same in every version.
  private struct Preamble {
    var version: UInt64
    private var headCount: UInt64
    private var fileCount: UInt64

    init(_ bytes: UnsafeRawBufferPointer) throws {
      guard bytes.starts(with: magic) else {
        throw DeployError(
          .planUnknown,
          "is no plan of the native engine",
          remedy: "give a file that `vitrine build --backend native` wrote"
        )
      }
      guard bytes.count >= preambleByteCount else { throw truncated(bytes.count) }
      let numbers = [8, 16, 24].map {
        bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self).littleEndian
      }
      (version, headCount, fileCount) = (numbers[0], numbers[1], numbers[2])
    }

    /// The head's JSON, once every size and every byte was found to be what was written.
    func head(_ bytes: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
      guard let headCount = Int(exactly: headCount), let fileCount = Int(exactly: fileCount),
        headCount <= headLimit
      else { throw DeployError.damagedPlan("it states sizes that no plan has") }
      guard bytes.count >= fileCount, fileCount >= preambleByteCount + headCount else {
        throw truncated(bytes.count, fileCount)
      }
      guard bytes.count == fileCount else {
        throw DeployError.damagedPlan("it goes on for \(bytes.count - fileCount) bytes")
      }
      let rest = UnsafeRawBufferPointer(rebasing: bytes[preambleByteCount...])
      guard SHA256.hex(rest) == String(decoding: bytes[32..<96], as: UTF8.self) else {
        throw DeployError.damagedPlan("its bytes are not those that were written")
      }
      return UnsafeRawBufferPointer(rebasing: rest[..<headCount])
    }
  }

  private static func truncated(_ count: Int, _ expected: Int? = nil) -> DeployError {
    DeployError(
      .planTruncated,
      "ends after \(count) bytes" + (expected.map { " of \($0)" } ?? ", within its head"),
      remedy: "copy the file again, or build the plan again"
    )
  }
}
