import Diagnostics
import Files
import Glibc
import Synchronization

/// Answers what a program asks while it runs: each line in `talk/ask` gets a line in `talk/tell`.
///
/// What answers lives in the grader's process, so that neither its clock nor its record is within the
/// program's reach. A program may ask nothing, never read, or send rubbish: it gets no more memory than the
/// limits here, and the time limit ends it.
final class Conversation: Sendable {
  private static let lineLimit = 4096
  /// Questions are not read while so many bytes of answers wait for the program.
  private static let waitingLimit = 1 << 20

  private let ask: Int32
  private let tell: Int32
  private let answer: @Sendable (Substring) -> String
  private let isOver = Atomic(false)
  private let hasEnded = Gate()

  /// Makes the two pipes in a folder.
  /// - Throws: `lab.isolation-failed` where none can be made.
  init(in folder: String, answer: @escaping @Sendable (Substring) -> String) throws {
    try Folder.create(folder + "/talk")
    func open(_ name: String) throws -> Int32 {
      let path = "\(folder)/talk/\(name)"
      let made = mkfifo(path, 0o600)
      // Both ends: then neither opening nor writing waits for the program.
      let file = Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
      guard made == 0, file >= 0 else {
        throw DeployError(.labIsolationFailed, "no named pipe could be made")
      }
      return file
    }
    ask = try open("ask")
    tell = try open("tell")
    self.answer = answer
  }

  /// Begins to answer, on a thread of its own.
  func start() throws {
    let box = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let result = pthread_create(
      &thread,
      nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<Conversation>.fromOpaque(pointer).takeRetainedValue().serve()
        return nil
      },
      box.toOpaque()
    )
    guard result == 0 else {
      box.release()
      hasEnded.open()
      throw DeployError(.labIsolationFailed, "no thread could be started")
    }
    pthread_detach(thread)
  }

  /// Ends it; afterwards nothing is answered or recorded any more.
  func stop() {
    isOver.store(true, ordering: .releasing)
    hasEnded.wait()
  }

  private func serve() {
    var (input, output): ([UInt8], [UInt8]) = ([], [])
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while !isOver.load(ordering: .acquiring) {
      let isFull = output.count > Self.waitingLimit
      var requests = [
        pollfd(fd: isFull ? -1 : ask, events: Int16(POLLIN), revents: 0),
        pollfd(fd: output.isEmpty ? -1 : tell, events: Int16(POLLOUT), revents: 0),
      ]
      _ = poll(&requests, 2, 20)
      if requests[0].revents != 0 {
        let count = read(ask, &chunk, chunk.count)
        if count > 0 { input += chunk[..<count] }
        answerLines(of: &input, into: &output)
        // No question is so long: what comes is none.
        if input.count > Self.lineLimit { break }
      }
      if !output.isEmpty {
        let count = write(tell, output, output.count)
        if count > 0 { output.removeFirst(count) }
      }
    }
    hasEnded.open()
  }

  private func answerLines(of input: inout [UInt8], into output: inout [UInt8]) {
    var start = 0
    while let end = input[start...].firstIndex(of: 0x0A) {
      let line = String(decoding: input[start..<end], as: UTF8.self)
      output += answer(line[...]).utf8
      output.append(0x0A)
      start = end + 1
    }
    input.removeFirst(start)
  }

  deinit {
    close(ask)
    close(tell)
  }
}

/// Opened once; whoever waits goes on then.
private final class Gate: Sendable {
  private let isOpen = Atomic(false)

  func open() { isOpen.store(true, ordering: .releasing) }

  func wait() { while !isOpen.load(ordering: .acquiring) { usleep(500) } }
}
