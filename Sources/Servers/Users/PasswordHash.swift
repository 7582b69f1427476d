import Crypto
import CryptoExtras
import FoundationEssentials

/// What is kept of a password: scrypt with a salt of its own.
///
/// The cost (N = 2¹⁵, r = 8, p = 3) takes 32 MiB and some tenths of a second for each guess.
/// Source: RFC 7914; OWASP Password Storage Cheat Sheet, scrypt.
struct PasswordHash: Codable, Sendable, Hashable {
  var rounds = 1 << 15
  var blockSize = 8
  var parallelism = 3
  var salt: String
  var hash: String

  /// Hashes a password with a new salt.
  /// - Throws: what the library throws for lack of memory.
  init(of password: String) throws {
    salt = Token.random(bytes: 16)
    hash = ""
    hash = Token.hex(try derived(password))
  }

  /// Whether a password is the one; takes as long for a wrong one.
  func matches(_ password: String) -> Bool {
    // A file that was changed by hand must not ask for more than this.
    guard (1 << 10...1 << 17).contains(rounds), rounds & (rounds - 1) == 0,
      (1...16).contains(blockSize), (1...16).contains(parallelism),
      let bytes = try? derived(password)
    else { return false }
    return Token.areEqual(Token.hex(bytes), hash)
  }

  /// A hash that no password has, for names that nobody has: a guess takes as long.
  static let nobody: PasswordHash? = try? PasswordHash(of: Token.random(bytes: 16))

  private func derived(_ password: String) throws -> [UInt8] {
    let key = try KDF.Scrypt.deriveKey(
      from: Array(password.utf8),
      salt: Array(salt.utf8),
      outputByteCount: 32,
      rounds: rounds,
      blockSize: blockSize,
      parallelism: parallelism
    )
    return key.withUnsafeBytes { Array($0) }
  }
}

/// Random names that nobody can guess, and their comparison.
enum Token {
  /// That many random bytes from the system, in hexadecimal.
  static func random(bytes count: Int = 32) -> String {
    var generator = SystemRandomNumberGenerator()
    return hex((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
  }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
      as: UTF8.self
    )
  }

  /// Whether two texts are equal, in a time that depends on their lengths only.
  static func areEqual(_ left: String, _ right: String) -> Bool {
    let (a, b) = (Array(left.utf8), Array(right.utf8))
    guard a.count == b.count else { return false }
    // | and ^ bind alike, from the left: without its parentheses almost any pair with the right end was equal.
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// A digest under which a token is kept, so that memory holds no token itself.
  static func digest(_ token: String) -> String {
    hex(Crypto.SHA256.hash(data: Array(token.utf8)))
  }

  /// A text that only the holder of the key can make. Source: RFC 2104.
  static func code(_ text: String, key: SymmetricKey) -> String {
    hex(HMAC<Crypto.SHA256>.authenticationCode(for: Array(text.utf8), using: key))
  }
}
