import Crypto
import Diagnostics
import Files
import FoundationEssentials
import Glibc

/// What the grader keeps on this machine: the secret that seeds come from, the key that signs
/// verdicts, and the log. Only its owner can read the folder; programs of learners cannot see it.
package struct LabState: Sendable {
  package let folder: String
  package let log: EventLog
  private let secret: [UInt8]
  private let key: Curve25519.Signing.PrivateKey

  /// Opens the folder, making it with a new secret and key where it is not there.
  /// - Throws: `file.…`, `lab.tampered`.
  package init(folder: String) throws {
    try Folder.create(folder)
    chmod(folder, 0o700)
    self.folder = folder
    log = EventLog(path: folder + "/events.jsonl")
    secret = try Self.keep(folder + "/secret") { Self.randomBytes(32) }
    let bytes = try Self.keep(folder + "/signing-key") {
      Array(Curve25519.Signing.PrivateKey().rawRepresentation)
    }
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes) else {
      throw DeployError(
        .labTampered,
        "is no signing key",
        at: .file(path: folder + "/signing-key"),
        remedy: "move the folder away; a new key is made"
      )
    }
    self.key = key
  }

  /// The digest by which a learner's name stands in verdicts.
  package static func learnerID(_ name: String) -> String {
    "learner:"
      + String(VariantSeed.hex(Array(Crypto.SHA256.hash(data: Data(name.utf8)))).prefix(16))
  }

  /// The seed of one official attempt.
  package func seed(lab: String, learner: String, attempt: Int) -> VariantSeed {
    VariantSeed(secret: secret, lab: lab, learner: learner, purpose: "attempt \(attempt)")
  }

  /// The verdict with its signature.
  package func signed(_ verdict: Verdict) throws -> Verdict {
    var verdict = verdict
    verdict.publicKey = VariantSeed.hex(Array(key.publicKey.rawRepresentation))
    verdict.signature = nil
    verdict.signature = VariantSeed.hex(Array(try key.signature(for: try verdict.canonical())))
    return verdict
  }

  /// Whether this machine's grader signed a verdict, and nobody changed it since.
  package func hasSigned(_ verdict: Verdict) -> Bool {
    guard let signature = verdict.signature.flatMap(VariantSeed.bytes(ofHex:)),
      verdict.publicKey == VariantSeed.hex(Array(key.publicKey.rawRepresentation))
    else { return false }
    var unsigned = verdict
    unsigned.signature = nil
    guard let text = try? unsigned.canonical() else { return false }
    return key.publicKey.isValidSignature(Data(signature), for: text)
  }

  private static func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// The bytes of a file that only the owner can read; made by whoever comes first.
  private static func keep(_ path: String, _ make: () -> [UInt8]) throws -> [UInt8] {
    let temporary = path + ".\(getpid())"
    if access(path, F_OK) != 0 {
      let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard file >= 0 else {
        throw DeployError(.fileUnwritable, "cannot be written", at: .file(path: path))
      }
      let bytes = make()
      let count = write(file, bytes, bytes.count)
      close(file)
      defer { unlink(temporary) }
      guard count == bytes.count else {
        throw DeployError(.fileUnwritable, "cannot be written", at: .file(path: path))
      }
      // Fails where another process was faster, whose file is then taken.
      _ = link(temporary, path)
    }
    return try MappedFile.contents(of: path, limit: 1024)
  }
}

extension Verdict {
  /// What is signed: the document without its signature, keys sorted.
  func canonical() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    return try encoder.encode(self)
  }

  /// The document as a file.
  package func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    return Array(try encoder.encode(self)) + [0x0A]
  }

  /// Reads a document of at most 4 MiB.
  /// - Throws: `lab.tampered`, `file.…`.
  package init(path: String) throws {
    let bytes = try MappedFile.contents(of: path, followingLinks: true, limit: 4 << 20)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    guard let verdict = try? decoder.decode(Verdict.self, from: Data(bytes)) else {
      throw DeployError(.labTampered, "is no verdict", at: .file(path: path))
    }
    self = verdict
  }
}
