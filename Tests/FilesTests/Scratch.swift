import Foundation

/// An empty folder that goes with the test.
final class Scratch: Sendable {
  let folder: String

  init() {
    var template = Array("/tmp/vitrine-files-XXXXXX".utf8CString)
    mkdtemp(&template)
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// What is in it, hidden files included.
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  func path(_ name: String) -> String { folder + "/" + name }

  func text(_ name: String) -> String? { try? String(contentsOfFile: path(name), encoding: .utf8) }
}
