import Diagnostics

/// The header of a `.npy` file: a Python dictionary with three keys, in any order.
struct NPYHeader {
  let descr: String
  let isFortranOrder: Bool
  let shape: [Int]

  /// Reads the header's text.
  /// - Throws: `npy.damaged`.
  init(_ text: String) throws {
    guard let descr = Self.quoted(after: "'descr':", in: text) else {
      throw NPYFile.damaged("its header names no single element type")
    }
    guard let order = Self.rest(after: "'fortran_order':", in: text),
      order.hasPrefix("True") || order.hasPrefix("False")
    else { throw NPYFile.damaged("its header does not tell the order of the elements") }
    guard let shape = Self.rest(after: "'shape':", in: text), shape.hasPrefix("("),
      let end = shape.firstIndex(of: ")")
    else { throw NPYFile.damaged("its header has no shape") }
    var sizes: [Int] = []
    for part in shape[shape.index(after: shape.startIndex)..<end].split(separator: ",") {
      let digits = part.drop { $0 == " " }
      if digits.isEmpty { continue }
      guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let size = Int(digits),
        sizes.count < 64
      else { throw NPYFile.damaged("'\(part)' in its shape is not a size") }
      sizes.append(size)
    }
    self.descr = descr
    isFortranOrder = order.hasPrefix("True")
    self.shape = sizes
  }

  /// What follows a key, without leading spaces.
  private static func rest(after key: String, in text: String) -> Substring? {
    var rest = text[...]
    while !rest.isEmpty {
      if rest.hasPrefix(key) { return rest.dropFirst(key.count).drop { $0 == " " } }
      rest = rest.dropFirst()
    }
    return nil
  }

  private static func quoted(after key: String, in text: String) -> String? {
    guard let rest = rest(after: key, in: text), rest.first == "'" else { return nil }
    let body = rest.dropFirst()
    return body.firstIndex(of: "'").map { String(body[..<$0]) }
  }
}
