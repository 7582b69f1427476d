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
    write(printable(text) + terminator, to: 1)
  }

  /// Writes text to standard error.
  static func warn(_ text: String, terminator: String = "\n") {
    write(printable(text) + terminator, to: 2)
  }

  /// A text in which control characters, and those that turn the direction of writing, are shown
  /// instead of obeyed: names come from files, and could hide lines or retitle the window. Only the
  /// colours that this program sets go through.
  static func printable(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { !isControl($0) }
    if isPlain { return text }
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.first {
      if current.usesColor, let code = styles.first(where: { rest.starts(with: $0) }) {
        result.append(contentsOf: code)
        rest = rest.dropFirst(code.count)
        continue
      }
      rest = rest.dropFirst()
      guard isControl(scalar) else {
        result.append(scalar)
        continue
      }
      result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    }
    return String(result)
  }

  private static let styles: [String.UnicodeScalarView] =
    (Style.allCases.map(\.rawValue) + ["0"]).map { "\u{1B}[\($0)m".unicodeScalars }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
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
enum Style: String, CaseIterable {
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
