import Files

/// A NumPy array on disk, as far as these tests need it: C order, little-endian.
struct NumPyFile {
  let shape: [Int]
  let bytes: [UInt8]

  init(_ path: String) throws {
    let file = try MappedFile(path: path)
    let all = withExtendedLifetime(file) { Array(file.bytes) }
    let headerCount = Int(all[8]) | Int(all[9]) << 8
    let header = String(decoding: all[10..<10 + headerCount], as: UTF8.self)
    let inside = header.split(separator: "(")[1].split(separator: ")")[0]
    shape = inside.split(separator: ",").compactMap { part in
      Int(part.filter { $0.isNumber })
    }
    bytes = Array(all[(10 + headerCount)...])
  }

  var floats: [Float] {
    bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }
}
