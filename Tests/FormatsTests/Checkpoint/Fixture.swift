import Formats
import Glibc
import Tensors

/// The small files beside the tests.
enum Fixture {
  /// The path of a checkpoint or array in `Fixtures/Checkpoints`.
  static func path(_ name: String) -> String {
    let parts = #filePath.split(separator: "/").dropLast(2)
    return "/" + parts.joined(separator: "/") + "/Fixtures/Checkpoints/" + name
  }

  /// The bytes of one of them.
  static func bytes(_ name: String) -> [UInt8] { contents(path(name)) }

  /// The bytes of any small file.
  static func contents(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
  }
}

extension Checkpoint {
  /// The weight of that name.
  func weight(_ name: String) -> Tensor? { weights.first { $0.name == name }?.tensor }
}
