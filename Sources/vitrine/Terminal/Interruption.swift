import Files
import Glibc

/// Ends the process on Ctrl-C or a request to terminate, leaving no temporary file.
///
/// The signal's number goes through a pipe to a thread that cleans up, for next to nothing may be
/// done where a signal arrives. (Blocking the signals and waiting for them does not work: the main
/// thread of an asynchronous program sleeps with all signals unblocked.)
enum Interruption {
  // Written once by `install`, before the handlers that read it exist; an `Int32` is read whole.
  nonisolated(unsafe) private static var pipeEnds: (read: Int32, write: Int32) = (-1, -1)

  /// Takes over both signals. Called once, before any other thread exists.
  static func install() {
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) == 0 {
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      pipeEnds = (ends[0], ends[1])
      var thread = pthread_t()
      pthread_create(&thread, nil, { _ in Interruption.wait() }, nil)
      for number in [SIGINT, SIGTERM] where !isIgnored(number) {
        signal(number) { number in
          var byte = UInt8(truncatingIfNeeded: number)
          _ = write(Interruption.pipeEnds.write, &byte, 1)
        }
      }
    }
    // A reader that goes away (`vitrine … | head`) is an error of `write`, not a death.
    signal(SIGPIPE, SIG_IGN)
    // So is a file that grows past the user's limit.
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Whether whoever started this process wants it to go on (`nohup`, a shell's background jobs).
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private static func wait() -> UnsafeMutableRawPointer? {
    var number: UInt8 = 0
    while read(pipeEnds.read, &number, 1) < 0, errno == EINTR {}
    UnfinishedFiles.deleteAll()
    if isatty(2) == 1 { Terminal.write("\r\u{1B}[Kinterrupted\n", to: 2) }
    _exit(128 + Int32(number))
  }
}
