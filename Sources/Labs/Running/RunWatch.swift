import CIsolation
import Glibc

/// Watches a running program: its streams, its folder, the clock.
final class RunWatch {
  private let outlet: Pipe
  private let errors: Pipe
  private let folder: String
  private let limits: RunLimits
  private var outputTail = Tail()
  private var errorTail = Tail()

  /// How many files and folders a program may leave.
  static let entryLimit = 4096

  init(outlet: Pipe, errors: Pipe, folder: String, limits: RunLimits) {
    self.outlet = outlet
    self.errors = errors
    self.folder = folder
    self.limits = limits
  }

  var outputText: String { outputTail.text }
  var errorText: String { errorTail.text }

  /// Waits until it ends or oversteps a limit; the caller then ends what is left of it.
  func wait(for child: inout isolation_child) -> (RunOutcome.Ending, Double) {
    let start = ContinuousClock.now
    var nextLook = start + .milliseconds(100)
    while true {
      var status: Int32 = 0
      let hasEnded = isolation_has_ended(&child, &status) != 0
      read(outlet, into: &outputTail)
      read(errors, into: &errorTail)
      let now = ContinuousClock.now
      let seconds = (now - start) / .seconds(1)
      if outputTail.count + errorTail.count > limits.outputBytes { return (.outputLimit, seconds) }
      if hasEnded { return (Self.ending(status, usesTooMuch), seconds) }
      if seconds > limits.wallSeconds { return (.timeLimit, seconds) }
      if now > nextLook {
        if usesTooMuch { return (.folderLimit, seconds) }
        nextLook = now + .milliseconds(100)
      }
      var requests = [
        pollfd(fd: outlet.readEnd, events: Int16(POLLIN), revents: 0),
        pollfd(fd: errors.readEnd, events: Int16(POLLIN), revents: 0),
      ]
      // A closed stream is always ready: then only the clock is waited for.
      if outputTail.isClosed { requests[0].fd = -1 }
      if errorTail.isClosed { requests[1].fd = -1 }
      _ = poll(&requests, 2, 4)
    }
  }

  private static func ending(_ status: Int32, _ usesTooMuch: Bool) -> RunOutcome.Ending {
    if usesTooMuch { return .folderLimit }
    let signal = Int(status & 0x7F)
    if signal == Int(SIGXFSZ) { return .folderLimit }
    if signal == Int(SIGXCPU) { return .timeLimit }
    return signal == 0 ? .exited(Int(status >> 8 & 0xFF)) : .signalled(signal)
  }

  /// Whether the folder holds as many bytes as it may, or more files. The system lets no file grow past the
  /// limit; the first process of a name space is not told so by a signal, and is found by the limit reached.
  private var usesTooMuch: Bool {
    var tally = FolderTally(byteLimit: limits.folderBytes - 1, entryLimit: Self.entryLimit)
    tally.add(folder)
    return tally.isOver
  }

  private func read(_ pipe: Pipe, into tail: inout Tail) {
    guard !tail.isClosed else { return }
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    // Never more than the limit at once, or an endless writer keeps this loop for ever.
    for _ in 0..<64 {
      let count = Glibc.read(pipe.readEnd, &chunk, chunk.count)
      guard count > 0 else {
        if count == 0 { tail.isClosed = true }
        return
      }
      tail.add(chunk[..<count])
    }
  }

  /// The last bytes of a stream and how many there were.
  private struct Tail {
    private static let kept = 4000
    private(set) var count = 0
    private var bytes: [UInt8] = []
    var isClosed = false

    mutating func add(_ chunk: ArraySlice<UInt8>) {
      count += chunk.count
      bytes += chunk
      if bytes.count > 2 * Self.kept { bytes.removeFirst(bytes.count - Self.kept) }
    }

    /// Without control characters, which could change what a terminal shows.
    var text: String {
      let scalars = String(decoding: bytes.suffix(Self.kept), as: UTF8.self).unicodeScalars
      return String(
        String.UnicodeScalarView(scalars.filter { $0 == "\n" || $0 == "\t" || $0.value >= 0x20 })
      )
    }
  }
}

/// What a folder holds, without following links.
struct FolderTally {
  let byteLimit: Int
  let entryLimit: Int
  private(set) var byteCount = 0
  private(set) var entryCount = 0
  /// The first thing that is neither a file nor a folder.
  private(set) var foreign: String?

  init(byteLimit: Int, entryLimit: Int) {
    self.byteLimit = byteLimit
    self.entryLimit = entryLimit
  }

  var isOver: Bool { byteCount > byteLimit || entryCount > entryLimit }

  mutating func add(_ folder: String, depth: Int = 0) {
    guard depth < 32, let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream), !isOver {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      entryCount += 1
      var status = stat()
      let path = folder + "/" + name
      guard lstat(path, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFREG:
        byteCount += Int(status.st_blocks) * 512
        if status.st_nlink > 1 { foreign = foreign ?? path }
      case S_IFDIR: add(path, depth: depth + 1)
      default: foreign = foreign ?? path
      }
    }
  }
}
