import Glibc

/// A file in the system's temporary folder, removed with this object.
public final class TemporaryFile {
  /// The file's path.
  public let path: String
  private let descriptor: Int32

  /// Creates a file with these bytes.
  public init(_ bytes: [UInt8] = [], suffix: String = ".bin") {
    var template = Array("/tmp/vitrine-test-XXXXXX\(suffix)".utf8CString)
    descriptor = mkstemps(&template, Int32(suffix.utf8.count))
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    replace(with: bytes)
  }

  /// Replaces the contents. Not while somebody has the file mapped.
  public func replace(with bytes: [UInt8]) {
    ftruncate(descriptor, 0)
    var offset = 0
    while offset < bytes.count {
      let written = bytes[offset...].withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress, $0.count, offset)
      }
      guard written > 0 else { return }
      offset += written
    }
  }

  deinit {
    close(descriptor)
    unlink(path)
  }
}
