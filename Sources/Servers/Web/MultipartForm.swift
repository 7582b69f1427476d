/// The fields and files of a form that was sent as `multipart/form-data`. Source: RFC 7578.
struct MultipartForm {
  /// One file.
  struct File {
    var field: String
    /// As the browser says; hostile.
    var name: String
    var bytes: [UInt8]
  }
  var values: [String: String] = [:]
  var files: [File] = []

  /// The most parts that a form may have.
  static let partLimit = 80

  init(values: [String: String]) { self.values = values }

  /// Reads a body; nil where it is not of this form or has too many parts.
  init?(_ body: [UInt8], contentType: String) {
    guard contentType.lowercased().hasPrefix("multipart/form-data"),
      let mark = contentType.firstRange(of: "boundary=")
    else { return nil }
    var name = contentType[mark.upperBound...].prefix { $0 != ";" }
    if name.first == "\"", name.count > 2 { name = name.dropFirst().dropLast() }
    guard (1...70).contains(name.utf8.count) else { return nil }
    let boundary = Array("--\(name)".utf8)
    guard body.starts(with: boundary) else { return nil }
    var place = boundary.count
    let next = [0x0D, 0x0A] + boundary
    var count = 0
    while true {
      guard body.count >= place + 2 else { return nil }
      if body[place] == 0x2D, body[place + 1] == 0x2D { return }
      guard body[place] == 0x0D, body[place + 1] == 0x0A else { return nil }
      count += 1
      guard count <= Self.partLimit, let end = Self.find(next, in: body, from: place),
        let head = Self.find([0x0D, 0x0A, 0x0D, 0x0A], in: body, from: place), head + 4 <= end,
        head - place < 4096
      else { return nil }
      guard add(Array(body[place..<head]), Array(body[(head + 4)..<end])) else { return nil }
      place = end + next.count
    }
  }

  private mutating func add(_ head: [UInt8], _ bytes: [UInt8]) -> Bool {
    guard let text = String(validating: head, as: UTF8.self),
      let line = text.split(whereSeparator: \.isNewline).first(where: {
        $0.lowercased().hasPrefix("content-disposition:")
      }), let field = Self.parameter("name", line)
    else { return false }
    if let file = Self.parameter("filename", line) {
      // A field of files that was left empty.
      if !file.isEmpty || !bytes.isEmpty {
        files.append(File(field: field, name: file, bytes: bytes))
      }
    } else {
      guard let value = String(validating: bytes, as: UTF8.self), value.utf8.count <= 1 << 16 else {
        return false
      }
      if values[field] == nil { values[field] = value }
    }
    return true
  }

  private static func parameter(_ name: String, _ line: Substring) -> String? {
    guard let start = line.firstRange(of: "; \(name)=\"") else { return nil }
    let rest = line[start.upperBound...]
    guard let end = rest.firstIndex(of: "\"") else { return nil }
    return String(rest[..<end])
  }

  private static func find(_ wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard let first = wanted.first, bytes.count >= wanted.count else { return nil }
    return bytes.withUnsafeBufferPointer { buffer in
      var place = start
      while place + wanted.count <= buffer.count {
        if buffer[place] == first,
          wanted.indices.allSatisfy({ buffer[place + $0] == wanted[$0] })
        {
          return place
        }
        place += 1
      }
      return nil
    }
  }
}
