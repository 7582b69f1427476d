import Diagnostics
import Glibc

/// A file's bytes, mapped read-only: nothing is read until it is touched, nothing is copied.
///
/// The mapping lives as long as this object; whoever keeps a pointer into it keeps the object.
public final class MappedFile: Sendable {
  /// The path that was opened.
  public let path: String
  /// Every byte of the file. Valid while this object lives: a local object may be released right
  /// after its last use, so code that reads through the pointer keeps it with
  /// `withExtendedLifetime`.
  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base.pointer, count: count)
  }
  /// The file's length in bytes.
  public let count: Int
  private let base: Base

  // A mapping is never written and is unmapped only in `deinit`, so sharing the address is safe.
  private struct Base: @unchecked Sendable { let pointer: UnsafeRawPointer? }

  /// Maps a regular file.
  /// - Parameter followingLinks: whether `path` itself may be a symbolic link.
  /// - Throws: `file.not-found`, `file.not-regular`, `file.unreadable`.
  public init(path: String, followingLinks: Bool = true) throws {
    let linkFlag = followingLinks ? 0 : O_NOFOLLOW
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | linkFlag)
    guard descriptor >= 0 else { throw FileFailure.opening(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileFailure.opening(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw DeployError(
        .fileNotRegular,
        "is a folder, pipe or device, not a regular file",
        at: .file(path: path),
        remedy: "give the path of a file"
      )
    }
    self.path = path
    count = Int(status.st_size)
    guard count > 0 else {
      base = Base(pointer: nil)
      return
    }
    // MAP_PRIVATE: a writer that truncates the file underneath can still raise SIGBUS; the
    // alternative, a copy, would cost what this type exists to save.
    let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw FileFailure.opening(path, errno) }
    base = Base(pointer: UnsafeRawPointer(address))
  }

  /// Whether both paths lead to one existing file.
  public static func areSame(_ left: String, _ right: String) -> Bool {
    guard let file = FileIdentity(left) else { return false }
    return file == FileIdentity(right)
  }

  /// Tells the kernel that the touched pages may be dropped; they are read again on demand.
  public func releasePages() {
    guard let pointer = base.pointer else { return }
    madvise(UnsafeMutableRawPointer(mutating: pointer), count, MADV_DONTNEED)
  }

  deinit {
    if let pointer = base.pointer { munmap(UnsafeMutableRawPointer(mutating: pointer), count) }
  }
}
