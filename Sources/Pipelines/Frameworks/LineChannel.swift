import Diagnostics
import FoundationEssentials
import Glibc

/// Lines of text between two processes over one descriptor.
final class LineChannel {
  private let descriptor: Int32
  private let closes: Bool
  private var pending: [UInt8] = []
  /// The longest line: a peer that goes on and on is broken.
  private static let lineLimit = 16 << 20

  init(_ descriptor: Int32, closes: Bool = true) {
    self.descriptor = descriptor
    self.closes = closes
  }

  deinit { if closes { close(descriptor) } }

  private static let withoutSignal = Int32(MSG_NOSIGNAL)

  /// Writes a line, which ends with a line feed; false where nobody reads.
  func send(_ line: String) -> Bool {
    var line = line
    return line.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let chunk = UnsafeBufferPointer(rebasing: rest)
        // A reader that is gone is an answer, not a signal that ends this process.
        let count = Glibc.send(descriptor, chunk.baseAddress, chunk.count, Self.withoutSignal)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  /// Sends a value as one line of JSON.
  func send(_ value: some Encodable) throws {
    _ = send(String(decoding: try JSONEncoder().encode(value), as: UTF8.self) + "\n")
  }

  /// The next line without its end; nil where the other side is gone, silent for too long or
  /// endless.
  func receive(seconds: Double = .infinity) -> String? {
    let start = ContinuousClock.now
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        defer { pending.removeFirst(end + 1) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      let left = seconds - (ContinuousClock.now - start) / .seconds(1)
      guard left > 0, pending.count < Self.lineLimit else { return nil }
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&request, 1, Int32(clamping: Int(min(left, 3600) * 1000) + 1))
      if ready < 0, errno != EINTR { return nil }
      guard ready > 0 else { continue }
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      pending += chunk[..<count]
    }
  }
}
