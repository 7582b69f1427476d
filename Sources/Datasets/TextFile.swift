import Diagnostics
import Files

/// Reads small text files.
enum TextFile {
  private static let limit = 1 << 28

  /// The text, without a byte order mark.
  static func read(_ path: String) throws -> String {
    let file = try MappedFile(path: path)
    guard file.count <= limit else {
      throw DeployError(
        .datasetMalformed,
        "\(file.count) bytes are too many for a text file of labels",
        at: .file(path: path),
        remedy: "check the path"
      )
    }
    let text = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
  }
}
