import Diagnostics
import Files
import Glibc

/// Memory that two processes see: inputs in slots of one size, then room for an output.
///
/// It lies in a file without a disk behind it where the system has such (`/dev/shm`), else in
/// `/tmp`, and goes with the process that made it.
final class SharedBlock {
  /// How the bytes are used.
  struct Layout: Sendable {
    /// Bytes of one input.
    var slotByteCount: Int
    /// The number of inputs.
    var slotCount: Int
    /// Bytes that an output may have.
    var outputByteCount = 256 << 20

    var byteCount: Int? {
      let (inputs, overflow) = slotByteCount.multipliedReportingOverflow(by: slotCount)
      let (sum, more) = inputs.addingReportingOverflow(outputByteCount)
      return overflow || more || sum <= 0 ? nil : sum
    }
  }

  let path: String
  let layout: Layout
  private let base: UnsafeMutableRawPointer
  private let isOwner: Bool

  /// Makes a block. Pages cost memory only once something is written to them.
  /// - Throws: `compare.no-shared-memory`.
  init(_ layout: Layout) throws {
    let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(folder)/vitrine-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Self.failure("no file could be made in \(folder)") }
    path = template.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
    UnfinishedFiles.add(path)
    defer { close(descriptor) }
    do {
      base = try Self.map(descriptor, layout, growing: true)
    } catch {
      unlink(path)
      UnfinishedFiles.remove(path)
      throw error
    }
    self.layout = layout
    isOwner = true
  }

  /// Opens a block that another process made.
  /// - Throws: `compare.no-shared-memory`.
  init(path: String, layout: Layout) throws {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("'\(path)' cannot be opened") }
    defer { close(descriptor) }
    base = try Self.map(descriptor, layout, growing: false)
    self.path = path
    self.layout = layout
    isOwner = false
  }

  deinit {
    munmap(base, layout.byteCount ?? 0)
    guard isOwner else { return }
    unlink(path)
    UnfinishedFiles.remove(path)
  }

  /// The bytes of an input.
  func slot(_ index: Int) -> UnsafeMutableRawBufferPointer {
    let start = base + index % layout.slotCount * layout.slotByteCount
    return UnsafeMutableRawBufferPointer(start: start, count: layout.slotByteCount)
  }

  /// The room for an output.
  var output: UnsafeMutableRawBufferPointer {
    let start = base + layout.slotCount * layout.slotByteCount
    return UnsafeMutableRawBufferPointer(start: start, count: layout.outputByteCount)
  }

  private static func map(
    _ descriptor: Int32,
    _ layout: Layout,
    growing: Bool
  ) throws -> UnsafeMutableRawPointer {
    guard let count = layout.byteCount, layout.slotCount > 0 else {
      throw failure("the sizes asked for are none")
    }
    var information = stat()
    if growing { guard ftruncate(descriptor, count) == 0 else { throw failure("no room") } }
    guard fstat(descriptor, &information) == 0, information.st_size >= count else {
      throw failure("the file is smaller than \(count) bytes")
    }
    let map = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let map, map != MAP_FAILED else {
      throw failure(String(cString: strerror(errno)))
    }
    return map
  }

  private static func failure(_ message: String) -> DeployError {
    DeployError(
      .compareNoSharedMemory,
      "memory could not be shared with another process: \(message)",
      remedy: "make room in /dev/shm or /tmp"
    )
  }
}

extension Diagnostic.ID {
  /// Two processes could not share memory.
  static let compareNoSharedMemory: Self = "compare.no-shared-memory"
}
