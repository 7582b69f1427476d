import Glibc

/// The lists of numbers of a fixture file by name.
func fixtureNumbers(_ name: String, file: String = #filePath) -> [String: [Float]] {
  let folder = file.split(separator: "/").dropLast().joined(separator: "/")
  guard let stream = fopen("/\(folder)/Fixtures/\(name)", "rb") else { return [:] }
  defer { fclose(stream) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, stream)
  var lists: [String: [Float]] = [:]
  for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
    let words = line.split(separator: " ")
    lists[String(words[0])] = words.dropFirst().compactMap { Float($0) }
  }
  return lists
}
