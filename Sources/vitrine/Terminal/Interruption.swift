import Files
import Glibc

/// Ends the process on Ctrl-C or a request to terminate, leaving no temporary file.
enum Interruption {
  /// Takes over both signals. Called once, before any other thread exists.
  static func install() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var thread = pthread_t()
    pthread_create(&thread, nil, { _ in Interruption.wait() }, nil)
    // A reader that goes away (`vitrine … | head`) is an error of `write`, not a death.
    signal(SIGPIPE, SIG_IGN)
    // So is a file that grows past the user's limit.
    signal(SIGXFSZ, SIG_IGN)
  }

  private static func wait() -> UnsafeMutableRawPointer? {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    var number: Int32 = 0
    sigwait(&signals, &number)
    UnfinishedFiles.deleteAll()
    if isatty(2) == 1 { Terminal.write("\r\u{1B}[Kinterrupted\n", to: 2) }
    _exit(128 + number)
  }
}
