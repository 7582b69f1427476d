import Diagnostics
import FoundationEssentials
import Glibc

/// A child process that holds one engine: it is asked over a socket, shares the inputs' memory,
/// and ends with this object.
final class PeerProcess {
  private let channel: LineChannel
  private let child: pid_t
  /// What the child writes to its standard error, kept in memory.
  private let complaints: Int32
  private let name: String

  /// Starts a program whose standard input and output are the socket.
  /// - Throws: `compare.peer-failed` where it cannot be started.
  init(_ name: String, _ program: String, _ arguments: [String]) throws {
    var ends: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw Self.failure(name, "no socket could be made")
    }
    complaints = Self.namelessFile()
    defer { close(ends[1]) }
    guard let child = Self.start(program, arguments, socket: ends[1], errors: complaints) else {
      close(ends[0])
      if complaints >= 0 { close(complaints) }
      throw Self.failure(name, "'\(program)' could not be started")
    }
    self.child = child
    self.name = name
    channel = LineChannel(ends[0])
  }

  deinit {
    kill(child, SIGKILL)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    if complaints >= 0 { close(complaints) }
  }

  /// The first line, sent when the engine is loaded and has run once.
  /// - Throws: `compare.peer-failed`.
  func greeting(seconds: Double) throws -> PeerReply { try receive(seconds) }

  /// Asks and waits for the answer.
  /// - Throws: `compare.peer-failed`.
  func ask(_ request: PeerRequest, seconds: Double = 120) throws -> PeerReply {
    guard channel.send(request.line) else { throw failure("does not listen any more") }
    return try receive(seconds)
  }

  private func receive(_ seconds: Double) throws -> PeerReply {
    guard let line = channel.receive(seconds: seconds) else {
      throw failure("gave no answer within \(Int(seconds)) s, or ended")
    }
    do { return try JSONDecoder().decode(PeerReply.self, from: Data(line.utf8)) } catch {
      throw failure("gave an answer that is none: \(line.prefix(200))")
    }
  }

  private func failure(_ message: String) -> DeployError {
    Self.failure(name, [message, lastComplaint].compactMap { $0 }.joined(separator: ": "))
  }

  private static func failure(_ name: String, _ message: String) -> DeployError {
    DeployError(
      .comparePeerFailed,
      "the process of '\(name)' \(message)",
      remedy: "see `vitrine doctor`; for PyTorch run Scripts/setup --peers"
    )
  }

  /// The last line that the child wrote to its standard error.
  private var lastComplaint: String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let size = lseek(complaints, 0, SEEK_END)
    guard size > 0 else { return nil }
    let count = pread(complaints, &bytes, bytes.count, max(0, size - bytes.count))
    guard count > 0 else { return nil }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).last.map { String($0.prefix(400)) }
  }

  /// A file without a name, gone when it is closed; -1 where none can be made.
  private static func namelessFile() -> Int32 {
    var template = Array("/tmp/vitrine-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { return -1 }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  private static func start(
    _ program: String,
    _ arguments: [String],
    socket: Int32,
    errors: Int32
  ) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, socket, 0)
    posix_spawn_file_actions_adddup2(&actions, socket, 1)
    if errors >= 0 {
      posix_spawn_file_actions_adddup2(&actions, errors, 2)
    } else {
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    }
    // Signals that this process blocks or ignores end the child as usual.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in [SIGPIPE, SIGXFSZ] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var child: pid_t = 0
    var environment =
      (Doctor.text("/proc/self/environ") ?? "").split(separator: "\0")
      .map { strdup(String($0)) } + [nil]
    defer { environment.forEach { free($0) } }
    guard posix_spawnp(&child, program, &actions, &attributes, &words, &environment) == 0 else {
      return nil
    }
    return child
  }
}

extension Diagnostic.ID {
  /// A process that holds an engine for a comparison did not do its part.
  static let comparePeerFailed: Self = "compare.peer-failed"
}
