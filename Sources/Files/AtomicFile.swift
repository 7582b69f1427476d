import Diagnostics
import Glibc

/// A file that appears under its name only when it is whole.
///
/// The bytes go to a file without a name (`O_TMPFILE`), which gets a name at the very end; so
/// not even a killed process leaves a partial file behind. File systems without `O_TMPFILE`
/// get a hidden temporary name, removed on every path but a kill.
public struct AtomicFile: ~Copyable {
  private let path: String
  private let descriptor: Int32
  /// The name to rename from, where the file system wants one.
  private var temporaryPath: String?
  private var buffer: [UInt8] = []
  private static let bufferCapacity = 1 << 18

  /// Opens a new, unnamed file beside `path`.
  /// - Throws: `file.unwritable`; `file.not-regular` where `path` is a folder, pipe or device.
  public init(path: String) throws { try self.init(path: path, mayBeUnnamed: true) }

  /// - Parameter mayBeUnnamed: false does what a file system without `O_TMPFILE` needs.
  init(path: String, mayBeUnnamed: Bool) throws {
    guard !path.isEmpty else { throw FileFailure.writing(path, ENOENT) }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw FileFailure.replacing(path)
    }
    let folder = Self.folder(of: path)
    var descriptor: Int32 = -1
    if mayBeUnnamed { descriptor = open(folder, unnamedFileFlag | O_WRONLY | O_CLOEXEC, 0o666) }
    var temporaryPath: String?
    let isRefused = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL
    if descriptor < 0, !mayBeUnnamed || isRefused {
      let name = Self.temporaryName(for: path)
      descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      temporaryPath = name
      UnfinishedFiles.add(name)
    }
    guard descriptor >= 0 else { throw FileFailure.writing(path, errno) }
    self.path = path
    self.descriptor = descriptor
    self.temporaryPath = temporaryPath
    buffer.reserveCapacity(Self.bufferCapacity)
  }

  /// Appends bytes.
  /// - Throws: `file.unwritable`, for example on a full disk.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    if buffer.count + bytes.count > Self.bufferCapacity { try flush() }
    if bytes.count >= Self.bufferCapacity { return try writeThrough(bytes) }
    buffer.append(contentsOf: bytes)
  }

  /// Appends bytes.
  /// - Throws: `file.unwritable`.
  public mutating func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Gives the file its name, replacing what had it.
  /// - Throws: `file.unwritable`.
  public consuming func commit() throws {
    try flush()
    if temporaryPath == nil {
      // linkat cannot replace an existing name, so the file passes through a second one.
      let name = Self.temporaryName(for: path)
      let source = "/proc/self/fd/\(descriptor)"
      guard linkat(AT_FDCWD, source, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 else {
        throw FileFailure.writing(path, errno)
      }
      temporaryPath = name
      UnfinishedFiles.add(name)
    }
    guard let name = temporaryPath, rename(name, path) == 0 else {
      throw FileFailure.writing(path, errno)
    }
    UnfinishedFiles.remove(name)
    temporaryPath = nil
  }

  deinit {
    if let temporaryPath {
      unlink(temporaryPath)
      UnfinishedFiles.remove(temporaryPath)
    }
    close(descriptor)
  }

  /// Writes a whole file at once.
  /// - Throws: `file.unwritable`.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    var file = try AtomicFile(path: path)
    try file.write(bytes)
    try file.commit()
  }

  /// Writes a whole text file at once, in UTF-8.
  /// - Throws: `file.unwritable`.
  public static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  private mutating func flush() throws {
    try buffer.withUnsafeBytes { try writeThrough($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func writeThrough(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let chunk = UnsafeRawBufferPointer(rebasing: rest)
      let written = Glibc.write(descriptor, chunk.baseAddress, chunk.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw FileFailure.writing(path, errno) }
      rest = rest.dropFirst(written)
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func temporaryName(for path: String) -> String {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
    // Without the name itself, which may have the greatest length already.
    return "\(path[..<slash]).\(suffix).part"
  }
}

/// `O_TMPFILE` of Linux (`__O_TMPFILE | O_DIRECTORY`); the macro is too complex to import.
private let unnamedFileFlag: Int32 = 0o20000000 | 0o200000
