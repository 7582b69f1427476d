import Glibc
import Synchronization

/// What the two output streams are, asked once.
struct Terminal: Sendable {
  /// Whether people read standard error, where progress goes.
  let showsProgress: Bool
  /// Whether standard output takes colours.
  let usesColor: Bool
  /// Columns of standard error's terminal.
  let width: Int

  /// The process's own streams. `NO_COLOR` (no-color.org) and `TERM=dumb` are respected.
  static let current: Terminal = {
    let isDumb = getenv("TERM").map { String(cString: $0) } == "dumb"
    var size = winsize()
    let columns = ioctl(2, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 0
    return Terminal(
      showsProgress: isatty(2) == 1 && !isDumb,
      usesColor: isatty(1) == 1 && !isDumb && getenv("NO_COLOR") == nil,
      width: columns > 0 ? columns : 80
    )
  }()

  /// Whether standard output could not take everything: a full disk behind `> file`.
  static let hasLostOutput = Atomic(false)

  /// Writes text to standard output.
  static func print(_ text: String, terminator: String = "\n") {
    write(text + terminator, to: 1)
  }

  /// Writes text to standard error.
  static func warn(_ text: String, terminator: String = "\n") {
    write(text + terminator, to: 2)
  }

  /// Writes all of a text, or as much as the reader takes.
  static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let chunk = UnsafeBufferPointer(rebasing: rest)
        let count = Glibc.write(descriptor, chunk.baseAddress, chunk.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          // A reader that went away (`vitrine … | head`) has what it wanted.
          if descriptor == 1, errno != EPIPE { hasLostOutput.store(true, ordering: .relaxed) }
          return
        }
        rest = rest.dropFirst(count)
      }
    }
  }
}

/// The few text styles that the commands use.
enum Style: String {
  case bold = "1"
  case dim = "2"
  case red = "31"
  case green = "32"
  case yellow = "33"

  /// The text in this style where standard output takes colours.
  func callAsFunction(_ text: String) -> String {
    Terminal.current.usesColor ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
  }
}
