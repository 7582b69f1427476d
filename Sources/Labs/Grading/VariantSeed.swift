import Crypto
import FoundationEssentials
package import Metrics

/// Which cases are drawn: a number from a secret, the lab, the learner and the attempt.
package struct VariantSeed: Sendable, Hashable {
  package let bytes: [UInt8]

  /// HMAC-SHA256 of what the seed is for, under the secret.
  package init(secret: [UInt8], lab: String, learner: String, purpose: String) {
    let text = [lab, learner, purpose].joined(separator: "\u{1F}")
    let code = HMAC<Crypto.SHA256>.authenticationCode(
      for: Data(text.utf8),
      using: SymmetricKey(data: secret)
    )
    bytes = Array(code)
  }

  /// The seed of cases that everybody may see.
  package init(publicFor lab: String, learner: String) {
    self.init(secret: Array("public".utf8), lab: lab, learner: learner, purpose: "practice")
  }

  /// A seed as a verdict states it; nil where that is none.
  package init?(hex: String) {
    guard let bytes = Self.bytes(ofHex: hex), bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  package var hex: String { Self.hex(bytes) }

  /// What is written down before the cases are drawn: it binds the grader, and tells nothing.
  package var commitment: String { "sha256:" + Self.hex(Array(Crypto.SHA256.hash(data: bytes))) }

  /// Random numbers of one part of the variant.
  package func random(_ part: String) -> SplitMix {
    let code = HMAC<Crypto.SHA256>.authenticationCode(
      for: Data(part.utf8),
      using: SymmetricKey(data: bytes)
    )
    return SplitMix(seed: Array(code).prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }

  static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  static func bytes(ofHex text: String) -> [UInt8]? {
    let digits = text.compactMap { $0.hexDigitValue.map(UInt8.init) }
    guard digits.count == text.count, digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
