import Glibc

/// Another program, run to its end or to a deadline; its complaints are dropped.
package enum ChildProcess {
  package struct Answer {
    /// What it printed, at most as much as was asked for.
    package var output = ""
    /// Its exit code; 127 where it could not be started, nil where it was killed.
    package var exitCode: Int?
    /// What went wrong, in words.
    package var problem: String?
  }

  /// Runs a program.
  /// - Parameters:
  ///   - input: what it reads on standard input.
  ///   - outputLimit: the most bytes of its output that are kept.
  package static func run(
    _ program: String,
    _ arguments: [String],
    seconds: Int,
    input: String = "",
    outputLimit: Int = 1 << 16
  ) -> Answer {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return Answer(problem: "no pipe could be made") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    guard let source = file(of: input) else {
      close(ends[1])
      return Answer(problem: "the input could not be kept in memory")
    }
    defer { close(source) }
    guard let child = start(program, arguments, input: source, output: ends[1]) else {
      close(ends[1])
      return Answer(exitCode: 127, problem: "'\(program)' could not be started")
    }
    close(ends[1])
    var answer = Answer()
    let isDone = collect(ends[0], seconds, outputLimit, into: &answer.output)
    if !isDone { kill(child, SIGKILL) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    guard isDone else {
      answer.problem = "'\(program)' took longer than \(seconds) s"
      return answer
    }
    if status & 0x7F == 0 { answer.exitCode = Int(status >> 8 & 0xFF) }
    if let code = answer.exitCode, code != 0 {
      answer.problem = "'\(program)' ended with code \(code)"
    } else if answer.exitCode == nil {
      answer.problem = "'\(program)' was ended by signal \(status & 0x7F)"
    }
    return answer
  }

  /// An unnamed file that holds a text and is read from its beginning.
  private static func file(of text: String) -> Int32? {
    guard !text.isEmpty else { return open("/dev/null", O_RDONLY | O_CLOEXEC) }
    guard let stream = tmpfile() else { return nil }
    defer { fclose(stream) }
    let bytes = Array(text.utf8)
    guard fwrite(bytes, 1, bytes.count, stream) == bytes.count, fflush(stream) == 0 else {
      return nil
    }
    rewind(stream)
    let file = fcntl(fileno(stream), F_DUPFD_CLOEXEC, 3)
    return file >= 0 ? file : nil
  }

  private static func start(
    _ program: String,
    _ arguments: [String],
    input: Int32,
    output: Int32
  ) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var child: pid_t = 0
    var environment =
      (Doctor.text("/proc/self/environ") ?? "").split(separator: "\0")
      .map { strdup(String($0)) } + [nil]
    defer { environment.forEach { free($0) } }
    let code = posix_spawnp(&child, program, &actions, nil, &words, &environment)
    guard code == 0 else { return nil }
    return child
  }

  /// Reads until the other end closes (true) or time is up (false).
  private static func collect(
    _ end: Int32,
    _ seconds: Int,
    _ limit: Int,
    into text: inout String
  ) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    defer { text = String(decoding: bytes.prefix(limit), as: UTF8.self) }
    while true {
      let left = deadline - ContinuousClock.now
      guard left > .zero else { return false }
      var request = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
      let milliseconds = Int32(clamping: left.components.seconds * 1000 + 1)
      let ready = poll(&request, 1, min(milliseconds, 1000))
      if ready < 0, errno != EINTR { return false }
      guard ready > 0 else { continue }
      let count = read(end, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return true }
      if bytes.count < limit { bytes += chunk[..<count] }
    }
  }
}
