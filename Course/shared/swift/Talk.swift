// Questions to the grader while your program runs. You need not change this file.
//
// Some labs have something on the other side that answers: a device, an engine with probes. A
// question is a line of text in talk/ask, its answer a line in talk/tell; both are named pipes. The
// first word is the number of the case.

import Foundation

/// The other side of one case.
final class Talk {
  private let number: String
  private let questions: FileHandle
  private let answers: FileHandle
  /// What was read of answers and is no whole line yet.
  private var unread: [UInt8] = []

  /// - Parameter folder: the folder that the case is read from.
  init(_ folder: String) throws {
    number = String(folder.split(separator: "/").last ?? "")
    questions = try FileHandle(forWritingTo: URL(fileURLWithPath: "talk/ask"))
    answers = try FileHandle(forReadingFrom: URL(fileURLWithPath: "talk/tell"))
  }

  /// The answers to some questions, in order. Many at once take less time than one by one.
  func ask(_ all: [String]) throws -> [String] {
    var lines: [String] = []
    for start in stride(from: 0, to: all.count, by: 500) {
      let part = all[start..<min(start + 500, all.count)]
      let text = part.map { "\(number) \($0)\n" }.joined()
      try questions.write(contentsOf: Data(text.utf8))
      lines += try answerLines(part.count)
    }
    return lines
  }

  /// The answer to one question.
  func ask(_ question: String) throws -> String { try ask([question])[0] }

  private func answerLines(_ count: Int) throws -> [String] {
    var lines: [String] = []
    while true {
      var start = 0
      while lines.count < count, let end = unread[start...].firstIndex(of: 0x0A) {
        lines.append(String(decoding: unread[start..<end], as: UTF8.self))
        start = end + 1
      }
      unread.removeFirst(start)
      if lines.count == count { return lines }
      let data = answers.availableData
      guard !data.isEmpty else { throw FileProblem(text: "the other side has ended") }
      unread += data
    }
  }
}
