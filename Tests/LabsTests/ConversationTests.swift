import Files
import Glibc
import Synchronization
import Testing

@testable import Labs

/// What answers programs' questions, under programs that behave badly.
@Suite struct ConversationTests {
  private func descriptor(_ folder: WorkFolder, _ name: String) -> Int32 {
    open("\(folder.path)/talk/\(name)", O_RDWR | O_NONBLOCK | O_CLOEXEC)
  }

  /// Reads until a text ends, or for so many seconds.
  private func read(_ file: Int32, until end: String, seconds: Double = 5) -> String {
    var (text, chunk) = ("", [UInt8](repeating: 0, count: 1 << 16))
    let start = ContinuousClock.now
    while !text.hasSuffix(end), (ContinuousClock.now - start) / .seconds(1) < seconds {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count > 0 {
        text += String(decoding: chunk[..<count], as: UTF8.self)
      } else {
        usleep(1000)
      }
    }
    return text
  }

  @Test func answersEachLineOnce() throws {
    let folder = try WorkFolder()
    let conversation = try Conversation(in: folder.path) { "<\($0)>" }
    try conversation.start()
    defer { conversation.stop() }
    let (ask, tell) = (descriptor(folder, "ask"), descriptor(folder, "tell"))
    defer { [ask, tell].forEach { _ = close($0) } }
    #expect(write(ask, "one\ntw", 6) == 6)
    #expect(read(tell, until: "<one>\n") == "<one>\n")
    #expect(write(ask, "o\n\n", 3) == 3)
    #expect(read(tell, until: "<>\n") == "<two>\n<>\n")
  }

  @Test func holdsLittleForProgramsThatNeverRead() throws {
    let folder = try WorkFolder()
    let answered = Atomic(0)
    let long = String(repeating: "x", count: 1000)
    let conversation = try Conversation(in: folder.path) { _ in
      answered.wrappingAdd(1, ordering: .relaxed)
      return long
    }
    try conversation.start()
    let ask = descriptor(folder, "ask")
    defer { close(ask) }
    let questions = [UInt8](repeating: 0x0A, count: 4096)
    var written = 0
    for _ in 0..<2000 {
      let count = write(ask, questions, questions.count)
      if count > 0 { written += count } else { usleep(100) }
    }
    conversation.stop()
    // It stopped reading when so much waited: a bounded number of answers, and questions left over.
    let count = answered.load(ordering: .relaxed)
    #expect(count > 0 && count < 200_000)
    #expect(written < 2000 * questions.count)
  }

  @Test func endsWithALineThatNeverEnds() throws {
    let folder = try WorkFolder()
    let conversation = try Conversation(in: folder.path) { _ in "answer" }
    try conversation.start()
    let (ask, tell) = (descriptor(folder, "ask"), descriptor(folder, "tell"))
    defer { [ask, tell].forEach { _ = close($0) } }
    let rubbish = [UInt8](repeating: 0x41, count: 60_000)
    _ = write(ask, rubbish, rubbish.count)
    usleep(100_000)
    _ = write(ask, "\nquestion\n", 10)
    #expect(read(tell, until: "answer\n", seconds: 0.3) == "")
    conversation.stop()
  }
}
