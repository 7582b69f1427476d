import Diagnostics
import Files
import Glibc
import Testing

@testable import Labs

@Suite struct StateTests {
  private func text(_ path: String) throws -> String {
    String(decoding: try MappedFile.contents(of: path), as: UTF8.self)
  }

  @Test func noticesWhatWasChanged() throws {
    let folder = try WorkFolder()
    let log = EventLog(path: folder.path + "/log")
    for index in 1...4 { try log.append("checked", lab: "l", learner: "a", ["points": "\(index)"]) }
    #expect(try log.events().map(\.number) == [1, 2, 3, 4])
    let whole = try text(log.path)
    // A value changed, a line taken out, two lines exchanged.
    let lines = whole.split(separator: "\n").map(String.init)
    let changed = whole.split(separator: "\"points\":\"2\"", omittingEmptySubsequences: false)
      .joined(separator: "\"points\":\"9\"")
    for bad in [
      changed, [lines[0], lines[2], lines[3]].joined(separator: "\n") + "\n",
      [lines[1], lines[0]].joined(separator: "\n") + "\n",
    ] {
      try AtomicFile.write(bad, to: log.path)
      #expect(errorID { _ = try log.events() } == .labTampered)
    }
  }

  @Test func cutsOffWhatAKilledWriterLeft() throws {
    let folder = try WorkFolder()
    let log = EventLog(path: folder.path + "/log")
    try log.append("started", lab: "l", learner: "a")
    let whole = try text(log.path)
    for count in [1, 10, whole.utf8.count - 1] {
      try AtomicFile.write(whole + String(whole.prefix(count)), to: log.path)
      #expect(try log.events().count == 1)
    }
    try log.append("checked", lab: "l", learner: "a")
    #expect(try log.events().map(\.type) == ["started", "checked"])
  }

  @Test func takesManyWritersAtOnce() async throws {
    let folder = try WorkFolder()
    let path = folder.path + "/log"
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<50 {
        group.addTask {
          _ = try? EventLog(path: path).append("checked", lab: "l", learner: "\(index)")
        }
      }
    }
    let events = try EventLog(path: path).events()
    #expect(events.count == 50)
    #expect(Set(events.map(\.learner)).count == 50)
  }

  @Test func keepsItsSecretToItself() throws {
    let folder = try WorkFolder()
    let state = try LabState(folder: folder.path + "/lab")
    var status = stat()
    for name in ["", "/secret", "/signing-key"] {
      #expect(stat(folder.path + "/lab" + name, &status) == 0)
      #expect(status.st_mode & 0o077 == 0, "\(name)")
    }
    // The same seed again, another one for another attempt or learner, none from what is public.
    let seed = state.seed(lab: "l", learner: "a", attempt: 1)
    let again = try LabState(folder: folder.path + "/lab")
    #expect(again.seed(lab: "l", learner: "a", attempt: 1) == seed)
    #expect(state.seed(lab: "l", learner: "a", attempt: 2) != seed)
    #expect(state.seed(lab: "l", learner: "b", attempt: 1) != seed)
    #expect(VariantSeed(publicFor: "l", learner: "a") != seed)
    let other = try LabState(folder: folder.path + "/other")
    #expect(other.seed(lab: "l", learner: "a", attempt: 1) != seed)
  }

  @Test func opensHintsInSteps() throws {
    let lab = try #require(try Course(path: courseFolder).lab("L03"))
    func answer(_ given: Int, _ attempts: Int, _ thought: String? = nil) -> String {
      switch HintGate.next(lab, given: given, attempts: attempts, thought: thought) {
      case .hint(let step, _): "hint \(step)"
      case .attemptsNeeded(let count): "attempts \(count)"
      case .thoughtNeeded: "thought"
      case .exhausted: "exhausted"
      }
    }
    #expect(answer(0, 0) == "hint 1")
    #expect(answer(1, 0) == "attempts 1")
    #expect(answer(1, 1) == "hint 2")
    #expect(answer(2, 2) == "thought")
    #expect(answer(2, 2, "hm") == "thought")
    #expect(answer(2, 2, "the border is wrong") == "hint 3")
    #expect(answer(3, 2) == "attempts 1")
    #expect(answer(3, 3) == "hint 4")
    #expect(answer(4, 9) == "exhausted")
  }
}
