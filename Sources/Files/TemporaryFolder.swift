import Diagnostics
import Glibc
import Synchronization

/// A private folder for files that are needed for a moment; it goes with this object, or with the
/// process where that is interrupted.
public final class TemporaryFolder: Sendable {
  private static let live = Mutex<Set<String>>([])

  /// Its path.
  public let path: String

  /// Makes one that only this user can read.
  /// - Throws: `file.unwritable`.
  public init(in parent: String = "/tmp") throws {
    var template = Array((parent + "/vitrine-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw FileFailure.writing(parent, errno) }
    let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    path = made
    Self.live.withLock { _ = $0.insert(made) }
  }

  deinit {
    Folder.delete(path)
    Self.live.withLock { _ = $0.remove(path) }
  }

  /// The names of the files in it, sorted.
  public var names: [String] { Self.names(in: path) }

  /// Deletes every one that there is; called once, by the thread that ends the process.
  static func deleteAll() {
    live.withLock { folders in
      for folder in folders { Folder.delete(folder) }
      folders.removeAll()
    }
  }

  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
