import Diagnostics
import Files
import TestSupport

@testable import BackendsNative

/// A plan file taken apart, to be put together again with a right checksum and a lying head.
struct ForgedPlan {
  /// The head's JSON.
  var head: [UInt8]
  private var constants: [UInt8]

  init(_ bytes: [UInt8]) throws {
    let count = (0..<8).reduce(0) { $0 | Int(bytes[16 + $1]) << (8 * $1) }
    head = Array(bytes[96..<96 + count])
    constants = Array(bytes[((96 + count + 63) & ~63)...])
  }

  /// The file with its sizes and its checksum.
  func bytes(version: UInt8 = UInt8(NativePlanFile.version)) -> [UInt8] {
    var bytes = Array("VITRPLAN".utf8) + [UInt8](repeating: 0, count: 88) + head
    bytes += [UInt8](repeating: 0, count: (64 - bytes.count % 64) % 64) + constants
    bytes[8] = version
    for index in 0..<8 {
      bytes[16 + index] = UInt8(truncatingIfNeeded: head.count >> (8 * index))
      bytes[24 + index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index))
    }
    let digest = bytes.withUnsafeBytes { SHA256.hex(UnsafeRawBufferPointer(rebasing: $0[96...])) }
    bytes.replaceSubrange(32..<96, with: Array(digest.utf8))
    return bytes
  }

  var instructions: Int {
    let text = String(decoding: head, as: UTF8.self)
    guard let range = text.firstRange(of: "\"instructions\":") else { return -1 }
    return Int(text[range.upperBound...].prefix { $0.isNumber }) ?? -1
  }

  /// The same with the first `text` replaced.
  func replacing(_ text: String, _ other: String) -> ForgedPlan {
    var result = self
    var string = String(decoding: head, as: UTF8.self)
    if let range = string.firstRange(of: text) { string.replaceSubrange(range, with: other) }
    result.head = Array(string.utf8)
    return result
  }

  // MARK: Lies

  /// A number, word or list in the head.
  struct Token {
    enum Kind { case number, text, item }
    var kind: Kind
    var range: Range<Int>
  }

  /// The head's numbers, strings, and members of lists.
  func tokens() -> [Token] {
    var tokens: [Token] = []
    var starts: [Int] = []
    var index = 0
    while index < head.count {
      let byte = head[index]
      switch byte {
      case UInt8(ascii: "\""):
        var end = index + 1
        while head[end] != UInt8(ascii: "\"") { end += head[end] == UInt8(ascii: "\\") ? 2 : 1 }
        tokens.append(Token(kind: .text, range: index..<end + 1))
        index = end
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        var end = index + 1
        while end < head.count, "+-.eE0123456789".utf8.contains(head[end]) { end += 1 }
        tokens.append(Token(kind: .number, range: index..<end))
        index = end - 1
      case UInt8(ascii: "{"), UInt8(ascii: "["): starts.append(index)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if let start = starts.popLast() {
          tokens.append(Token(kind: .item, range: start..<index + 1))
        }
      default: break
      }
      index += 1
    }
    return tokens
  }

  private static let numbers = [
    "0", "1", "2", "3", "4", "5", "7", "8", "15", "16", "17", "31", "32", "63", "64", "65", "127",
    "128", "255", "256", "4095", "4096", "4097", "65536", "1000000", "16777215", "16777216",
    "16777217", "2147483647", "2147483648", "4294967295", "4294967296", "1099511627776",
    "4611686018427387904", "9223372036854775807", "9223372036854775808", "-1", "-2", "-64",
    "-2147483648", "-9223372036854775808", "1.5", "1e300", "0.0000001", "true", "null",
  ]

  /// One to three lies told with that seed.
  func lying(_ seed: UInt64, _ known: [Token]) -> ForgedPlan {
    var generator = SeededGenerator(seed: seed)
    var result = self
    // From the end, so that the places of the others stay right.
    let picks = (0..<Int.random(in: 1...3, using: &generator)).compactMap { _ in
      Self.pick(known, &generator)
    }
    for token in picks.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      guard token.range.upperBound <= result.head.count else { continue }
      result.head.replaceSubrange(token.range, with: Self.lie(token, self, known, &generator))
    }
    return result
  }

  private static func pick(_ tokens: [Token], _ generator: inout SeededGenerator) -> Token? {
    // Numbers most often: there are far more of them, and they are what kernels believe.
    let wanted: Token.Kind =
      switch Int.random(in: 0..<10, using: &generator) {
      case 0..<7: .number
      case 7: .text
      default: .item
      }
    for _ in 0..<50 {
      if let token = tokens.randomElement(using: &generator), token.kind == wanted { return token }
    }
    return nil
  }

  private static func lie(
    _ token: Token,
    _ plan: ForgedPlan,
    _ known: [Token],
    _ generator: inout SeededGenerator
  ) -> [UInt8] {
    let other = (0..<30).compactMap { _ in known.randomElement(using: &generator) }
      .first { $0.kind == token.kind && $0.range.count < 3000 }
    let borrowed = other.map { Array(plan.head[$0.range]) } ?? []
    switch token.kind {
    case .number:
      let text = String(decoding: plan.head[token.range], as: UTF8.self)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: return borrowed
      case 1:
        guard let value = Int(text) else { return borrowed }
        return Array(
          String(value &+ ([-1, 1, 2, -8, 64].randomElement(using: &generator) ?? 1)).utf8
        )
      case 2:
        guard let value = Int(text), value < 1 << 40 else { return borrowed }
        return Array(String(value * 2).utf8)
      default: return Array((numbers.randomElement(using: &generator) ?? "0").utf8)
      }
    case .text: return borrowed
    case .item:
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: return Array((token.range.count % 2 == 0 ? "[]" : "{}").utf8)
      case 1:
        // The same twice.
        return Array(plan.head[token.range]) + [UInt8(ascii: ",")] + Array(plan.head[token.range])
      default: return borrowed
      }
    }
  }
}
