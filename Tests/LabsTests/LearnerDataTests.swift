import Diagnostics
import Files
import Glibc
import Testing

@testable import Labs

/// One learner's data given out, and erased.
@Suite struct LearnerDataTests {
  private let course: Course
  private let lab: Lab
  private let folder: WorkFolder
  private let state: LabState
  private let anna = LabState.learnerID("anna")
  private let ben = LabState.learnerID("ben")

  init() throws {
    course = try Course(path: courseFolder)
    lab = try #require(course.lab("L18"))
    folder = try WorkFolder()
    state = try LabState(folder: folder.path + "/state")
    for (who, ticket) in [(anna, "a0"), (ben, "b0"), (anna, "a1")] {
      let files = [
        Submission.File(name: "plan.py", bytes: Array("# \(who)\n".utf8), isExecutable: false)
      ]
      try HandedIn(state).keep(Submission(files: files), who, lab, 1)
      try Folder.create("\(state.folder)/web/submissions/\(ticket)/files")
      try AtomicFile.write(who, to: "\(state.folder)/web/submissions/\(ticket)/files/plan.py")
      try state.log.append("queued", lab: lab.uuid, learner: who, ["ticket": ticket])
      try state.log.append(
        "graded",
        lab: lab.uuid,
        learner: who,
        [
          "passed": "true", "counts": "true", "attempt": "1", "points": "20", "max": "20",
          "tier": "basic", "choice": "form of \(who)", "taught": "false",
        ]
      )
    }
    let looks = "\(state.folder)/web/looks/\(anna.dropFirst(8))/t0"
    try Folder.create(looks)
    try AtomicFile.write("look of \(anna)", to: looks + "/page.html")
    try Folder.create(state.folder + "/answers")
    let runs = state.folder + "/answers/\(anna.dropFirst(8))"
    try AtomicFile.write("run of \(anna)", to: runs + "-W9-1.json")
    try state.log.append(
      "review-assigned",
      lab: "",
      learner: ben,
      ["bundle": "f00", "lab": lab.uuid, "author": anna, "attempt": "1"]
    )
    try state.log.append("reviewed", lab: lab.uuid, learner: ben, ["bundle": "f00", "causes": ""])
    try state.log.append(
      "acknowledged",
      lab: lab.uuid,
      learner: anna,
      ["bundle": "f00", "answer": "fixed"]
    )
  }

  private func everything() throws -> String {
    try Folder.files(below: state.folder).reduce(into: "") { text, file in
      text += file + "\n" + String(decoding: try MappedFile.contents(of: file), as: UTF8.self)
    }
  }

  @Test func givesOutWhatIsKept() throws {
    let target = folder.path + "/given"
    let tally = try LearnerData(state, learner: anna).export(course, to: target)
    #expect(tally.events == 5 && tally.submissions == 3)
    let names = try Folder.files(below: target).map { String($0.dropFirst(target.count + 1)) }
    #expect(
      names == [
        "answers/\(anna.dropFirst(8))-W9-1.json", "assessment.json", "events.jsonl",
        "looks/t0/page.html", "submissions/L18-1/plan.py",
        "submissions/web-a0/files/plan.py", "submissions/web-a1/files/plan.py",
      ]
    )
    let all = try names.map {
      String(decoding: try MappedFile.contents(of: target + "/" + $0), as: UTF8.self)
    }.joined()
    #expect(all.contains(anna) && !all.contains(ben))
    // Never over what is there.
    #expect(
      errorID { _ = try LearnerData(state, learner: anna).export(course, to: target) }
        == .labNoWorkspace
    )
    let nobody = try LearnerData(state, learner: "learner:x").export(
      course,
      to: folder.path + "/none"
    )
    #expect(nobody.events == 0 && nobody.submissions == 0)
  }

  @Test func erasesOneAndLeavesTheOthers() throws {
    let before = try state.log.events()
    func assessment(_ who: String) throws -> Assessment {
      AssessmentMaker(course: course, learner: who, events: try state.log.events()).assessment()
    }
    let bens = try assessment(ben)
    _ = try CohortStore.following(before, in: state.folder)
    let reader = LogReader(state.log)
    _ = try reader.events()
    let tally = try LearnerData(state, learner: anna).erase()
    #expect(tally.events == 5 && tally.submissions == 3)
    // Nothing of her is left in any file, not even in the tables; all of his is.
    let rest = try everything()
    #expect(!rest.contains(anna) && !rest.contains("learner-" + anna.dropFirst(8)))
    #expect(rest.contains("# \(ben)") && rest.contains("form of \(ben)"))
    // The chain holds, says that it was made anew, and from where; numbers are those of before.
    let after = try state.log.events()
    #expect(after.count == before.count + 1 && after.last?.type == "rechained")
    #expect(after.last?.data["was"] == before.last?.digest)
    #expect(
      after.filter { $0.learner == ben }.map(\.number)
        == before.filter { $0.learner == ben }.map(\.number)
    )
    #expect(try assessment(anna).criteria.allSatisfy { $0.evidence.isEmpty })
    #expect(try assessment(ben).criteria.first?.value == bens.criteria.first?.value)
    // Whoever kept the log in memory reads it anew, and can go on with it.
    #expect(try reader.events().map(\.digest) == after.map(\.digest))
    try state.log.append("checked", lab: lab.uuid, learner: ben)
    #expect(try reader.events().count == after.count + 1)
    #expect(
      try CohortStore.following(try state.log.events(), in: state.folder).cells().map(\.learner)
        == [ben]
    )
    // Once more: there is nothing to do.
    let again = try LearnerData(state, learner: anna).erase()
    #expect(again.events == 0 && again.submissions == 0)
    #expect(try state.log.events().last?.type == "checked")
  }

  /// Writers that wait while the file is replaced lose nothing.
  @Test func writersMeanwhileLoseNothing() async throws {
    let path = state.log.path
    let (anna, ben) = (anna, ben)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<40 {
        group.addTask { try EventLog(path: path).append("checked", lab: "n\(index)", learner: ben) }
        if index % 10 == 0 { group.addTask { try EventLog(path: path).erase(anna) } }
      }
      try await group.waitForAll()
    }
    let events = try state.log.events()
    #expect(Set(events.map(\.lab)).isSuperset(of: (0..<40).map { "n\($0)" }))
    #expect(!events.contains { $0.learner == anna })
  }

  @Test func aDamagedLogIsNotRewritten() throws {
    let text = String(decoding: try MappedFile.contents(of: state.log.path), as: UTF8.self)
    let bad = text.split(separator: "\"points\":\"20\"", omittingEmptySubsequences: false)
      .joined(separator: "\"points\":\"21\"")
    try AtomicFile.write(bad, to: state.log.path)
    #expect(errorID { _ = try state.log.erase(anna) } == .labTampered)
    let now = String(decoding: try MappedFile.contents(of: state.log.path), as: UTF8.self)
    #expect(now == bad)
  }
}
