import Glibc
import Testing

/// Compares a text with a file beside the tests. Where the file is missing it is written, and
/// the run fails all the same: somebody must read it.
func expectGolden(
  _ text: String,
  _ name: String,
  _ location: SourceLocation = #_sourceLocation,
  file: String = #filePath
) {
  let folder = file.split(separator: "/").dropLast().joined(separator: "/")
  let path = "/\(folder)/Fixtures/\(name).txt"
  guard let stream = fopen(path, "rb") else {
    if let new = fopen(path, "wb") {
      fputs(text, new)
      fclose(new)
    }
    Issue.record("recorded \(path): read it, then run again", sourceLocation: location)
    return
  }
  defer { fclose(stream) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, stream)
  let golden = String(decoding: bytes[..<count], as: UTF8.self)
  #expect(text == golden, "differs from \(path)", sourceLocation: location)
}
