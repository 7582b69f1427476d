import Diagnostics
import Files
import Glibc
import Reports
import Testing

@testable import Labs

/// Reviews without names: who gets what, what is taken, what it is worth.
@Suite struct ReviewTests {
  private let course: Course
  private let lab: Lab
  private let folder: WorkFolder
  private let state: LabState
  private let desk: ReviewDesk

  init() throws {
    course = try Course(path: courseFolder)
    lab = try #require(course.lab("L18"))
    folder = try WorkFolder()
    state = try LabState(folder: folder.path + "/state")
    desk = try ReviewDesk(course: course, state: state)
  }

  private func id(_ name: String) -> String { LabState.learnerID(name) }

  private func pass(_ name: String, attempt: Int = 1, text: String = "print()\n") throws {
    let files = [Submission.File(name: "plan.py", bytes: Array(text.utf8), isExecutable: false)]
    try HandedIn(state).keep(Submission(files: files), id(name), lab, attempt)
    try state.log.append(
      "graded",
      lab: lab.uuid,
      learner: id(name),
      ["passed": "true", "counts": "true", "attempt": "\(attempt)", "points": "20", "max": "20"]
    )
  }

  private func subject(_ bundle: String) throws -> ReviewRecords.Subject {
    try #require(ReviewRecords(try state.log.events())[bundle]).subject
  }

  private func review(
    _ name: String,
    _ bundle: String,
    _ causes: [String] = [],
    comment: String = "The order is fine; say why you sort by size."
  ) throws {
    let findings = causes.map {
      ReviewDesk.Review.Finding(cause: $0, why: "line 12, with two tensors of one size")
    }
    try desk.submit(.init(bundle: bundle, findings: findings, comment: comment), by: id(name))
  }

  /// The cause that is planted in a bundle; nil where it is somebody's work.
  private func planted(_ bundle: String) throws -> String? {
    guard case .planted(let mutant) = try subject(bundle) else { return nil }
    return lab.mutants.first { $0.id == mutant }?.diagnosis
  }

  private func criterion(_ name: String) throws -> Assessment.Criterion {
    let events = try state.log.events()
    let all = AssessmentMaker(course: course, learner: id(name), events: events).assessment()
    return try #require(all.criteria.first { $0.id == "e3" })
  }

  @Test func whoReviewsHasPassedTheLab() throws {
    #expect(errorID { _ = try desk.next(id("anna")) } == .labNothingToReview)
    try pass("ben")
    #expect(errorID { _ = try desk.next(id("anna")) } == .labNothingToReview)
    try pass("anna")
    let other = try #require(course.lab("L10"))
    #expect(errorID { _ = try desk.next(id("anna"), lab: other) } == .labNothingToReview)
    #expect(try desk.next(id("anna"), lab: lab).lab.id == "L18")
  }

  @Test func theFirstTwoArePlantedAndTheSameUntilReviewed() throws {
    for name in ["anna", "ben", "carl"] { try pass(name) }
    let first = try desk.next(id("anna"))
    #expect(try desk.next(id("anna")).id == first.id)
    try review("anna", first.id)
    let second = try desk.next(id("anna"))
    try review("anna", second.id)
    let kinds = try [first, second].map { try #require(try planted($0.id)) }
    #expect(Set(kinds).count == 2)
    // What is given out says nothing of where it is from.
    let names = first.files.map(\.name)
    #expect(names.contains("plan.py") && !names.contains("README.md"))
    // Then others' work, never one's own, never the same twice, until there is no more.
    var seen: [ReviewRecords.Subject] = []
    while let next = try? desk.next(id("anna")) {
      seen.append(try subject(next.id))
      try review("anna", next.id)
    }
    let authors = seen.compactMap { subject in
      if case .submission(let author, _) = subject { author } else { nil }
    }
    #expect(Set(authors) == [id("ben"), id("carl")] && authors.count == 2)
    #expect(Set(seen).count == seen.count)
    #expect(seen.count - authors.count + 2 == lab.plantable.count)
  }

  @Test func thoseWhoWereLookedAtLeastComeFirst() throws {
    for name in ["a", "b", "c", "d", "e", "f"] { try pass(name) }
    for name in ["a", "b", "c", "d", "e", "f"] {
      for _ in 1...4 { try review(name, try desk.next(id(name)).id) }
    }
    let records = ReviewRecords(try state.log.events()).all
    let loads = ["a", "b", "c", "d", "e", "f"].map { name in
      records.count { $0.subject == .submission(author: id(name), attempt: 1) }
    }
    #expect((loads.max() ?? 9) - (loads.min() ?? 0) <= 2 && loads.reduce(0, +) > 6, "\(loads)")
    #expect(Set(records.map(\.bundle)).count == records.count)
  }

  /// Two at once get two bundles; one learner never gets two.
  @Test func manyMayAskAtOnce() async throws {
    for name in ["a", "b", "c", "d"] { try pass(name) }
    let (desk, ids) = (desk, ["a", "b", "c", "d"].map(id))
    let bundles = try await withThrowingTaskGroup(of: String.self) { group in
      for id in ids { group.addTask { try desk.next(id).id } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(bundles).count == 4)
  }

  @Test func noNameGoesOut() throws {
    try pass(
      "zhang_san",
      text:
        "# by zhang_san <zhang_san@example.org>, see zhang_san.fixed\n# 作者 zhang_san\nprint(1)\n"
    )
    let text = Anonymiser(author: id("zhang_san")).text(
      "# by zhang_san <zhang_san@example.org>, see zhang_san.fixed and zhang_san2\n"
    )
    #expect(text == "# by author <mail>, see author and zhang_san2\n")
    #expect(
      Anonymiser(author: id("wu")).text("wuhan @decorator a@b a.b@c.d")
        == "wuhan @decorator a@b mail"
    )
    try pass("anna")
    for _ in 1...2 { try review("anna", try desk.next(id("anna")).id) }
    var shown = ""
    while let next = try? desk.next(id("anna")) {
      try next.write(to: folder.path + "/" + next.id, course: course, language: .chinese)
      for file in try Folder.files(below: folder.path + "/" + next.id) {
        shown += String(decoding: try MappedFile.contents(of: file), as: UTF8.self)
      }
      try review("anna", next.id, comment: "Good work, says anna herself, who likes the order.")
    }
    #expect(!shown.contains("zhang") && !shown.contains(id("zhang_san")))
    #expect(shown.contains("author") && shown.contains("mail"))
    // Nor does the reviewer's.
    let received = try desk.received(id("zhang_san"))
    #expect(received.count == 1 && received[0].comment.contains("says author herself"))
  }

  @Test func refusesWhatIsNoReview() throws {
    for name in ["anna", "ben"] { try pass(name) }
    let bundle = try desk.next(id("anna")).id
    func refused(_ body: () throws -> Void) -> Bool { errorID(body) == .labInvalidReview }
    #expect(refused { try review("ben", bundle) })
    #expect(refused { try review("anna", "../../etc") })
    #expect(refused { try review("anna", bundle, ["no-such-cause"]) })
    #expect(refused { try review("anna", bundle, ["no-reuse", "no-reuse"]) })
    #expect(refused { try review("anna", bundle, comment: "ok") })
    #expect(refused { try review("anna", bundle, comment: String(repeating: "长", count: 4000)) })
    #expect(
      refused {
        try desk.submit(
          .init(
            bundle: bundle,
            findings: [.init(cause: "no-reuse", why: "x")],
            comment: String(repeating: "fine ", count: 10)
          ),
          by: id("anna")
        )
      }
    )
    try review("anna", bundle, ["no-reuse"])
    #expect(refused { try review("anna", bundle) })
    // Files that are no review.
    for text in ["", "[", "{}", "{\"format\":2,\"bundle\":\"x\",\"findings\":[],\"comment\":\"\"}"]
    {
      try folder.write(text, "review.json")
      #expect(refused { _ = try ReviewDesk.Review(folder: folder.path) })
    }
    try AtomicFile.write([UInt8](repeating: 0x5B, count: 1 << 20), to: folder.path + "/review.json")
    #expect(errorID { _ = try ReviewDesk.Review(folder: folder.path) } != nil)
    // What would be too long a line is never written.
    let long = String(repeating: "\u{1}", count: 4000)
    try? review("anna", try desk.next(id("anna")).id, comment: long)
    #expect(try state.log.events().count > 3)
    #expect(
      errorID {
        try state.log.append(
          "x",
          lab: "",
          learner: "",
          ["t": String(repeating: "x", count: 70_000)]
        )
      } == .labInvalidSubmission
    )
    #expect(try state.log.events().last?.type != "x")
  }

  @Test func planted() throws {
    let mutant = try #require(lab.mutants.first { $0.diagnosis == "no-reuse" })
    let others = lab.causes.filter { $0 != "no-reuse" }
    func value(_ named: [String]) -> Double? {
      ReviewScore(named, mutant: mutant.id, lab: lab)?.value
    }
    #expect(value(["no-reuse"]) == 1 && value([]) == 0)
    #expect(value(["no-reuse", others[0]]) == 1 - 1 / Double(others.count))
    #expect(value([others[0]]) == -1 / Double(others.count))
    // Naming everything is worth as little as naming nothing.
    #expect(value(lab.causes) == 0)
    #expect(ReviewScore([], mutant: "gone", lab: lab) == nil)
  }

  @Test func whatReviewsAreWorth() throws {
    for name in ["anna", "ben", "carl"] { try pass(name) }
    #expect(try criterion("anna").level == nil && criterion("anna").evidence.isEmpty)
    // One planted mistake seen, one missed.
    let first = try desk.next(id("anna")).id
    try review("anna", first, [try #require(try planted(first))])
    let second = try desk.next(id("anna")).id
    try review("anna", second, [])
    let few = try criterion("anna")
    #expect(few.value == 0.5 && few.level == nil && few.least == 3)
    var works: [(bundle: String, author: String)] = []
    while works.count < 2 {
      let next = try desk.next(id("anna")).id
      if case .submission(let author, _) = try subject(next) {
        works.append((next, author))
        try review("anna", next, ["no-reuse"])
      } else {
        try review("anna", next, [try #require(try planted(next))])
      }
    }
    let before = try criterion("anna")
    // Only the author answers, only with what there is, only once.
    let author = works[0].author
    #expect(
      errorID { try desk.acknowledge(works[0].bundle, .fixed, by: id("anna")) } == .labInvalidReview
    )
    #expect(errorID { try desk.acknowledge(first, .fixed, by: author) } == .labInvalidReview)
    try desk.acknowledge(works[0].bundle, .wrong, by: author)
    #expect(
      errorID { try desk.acknowledge(works[0].bundle, .fixed, by: author) } == .labInvalidReview
    )
    let after = try criterion("anna")
    let plantedCount = Double(before.evidence.count)
    let reliability = try #require(before.value)
    // Σ value / Σ weight, the answer with half the weight times the reliability and the value 0.
    let expected = plantedCount * reliability / (plantedCount + 0.5 * reliability)
    #expect(abs(try #require(after.value) - expected) < 1e-12)
    #expect(after.evidence.last?.figures.hasSuffix(": wrong") == true)
    #expect(after.level != nil && after.evidence.count >= 3)
    // The reviewer never learns who answered.
    let told = after.evidence.map { "\($0)" }.joined()
    #expect(!told.contains(author) && !told.contains("ben"))
    // The tables say the same.
    let events = try state.log.events()
    let store = try CohortStore.following(events, in: folder.path)
    let load = try #require(try store.reviewLoads().first { $0.reviewer == id("anna") })
    #expect(load.answered == 1 && load.reviewed == load.given && load.planted >= 2)
    #expect(load.given - load.planted == 2)
    #expect(
      try CohortStore.rebuilt(from: events, in: folder.path).reviewLoads() == store.reviewLoads()
    )
  }

  /// A log that somebody else wrote: what does not belong together counts for nothing.
  @Test func recordsTakeNothingThatDoesNotFit() throws {
    func event(_ type: String, _ who: String, _ data: [String: String]) -> EventLog.Event {
      .init(number: 1, time: "", type: type, lab: "", learner: who, data: data, previous: "")
    }
    let records = ReviewRecords([
      event("reviewed", "r", ["bundle": "1", "causes": "x"]),
      event("review-assigned", "r", ["bundle": "1", "lab": "l", "author": "a", "attempt": "1"]),
      event("review-assigned", "s", ["bundle": "1", "lab": "l", "mutant": "m"]),
      event("review-assigned", "s", ["bundle": "2", "lab": "l", "author": "a", "attempt": "?"]),
      event("acknowledged", "a", ["bundle": "1", "answer": "fixed"]),
      event("reviewed", "s", ["bundle": "1", "causes": "x"]),
      event("reviewed", "r", ["bundle": "1", "causes": "y z"]),
      event("acknowledged", "b", ["bundle": "1", "answer": "fixed"]),
      event("acknowledged", "a", ["bundle": "1", "answer": "maybe"]),
      event("acknowledged", "a", ["bundle": "1", "answer": "known"]),
      event("acknowledged", "a", ["bundle": "1", "answer": "fixed"]),
    ])
    #expect(records.all.count == 1 && records["2"] == nil)
    #expect(records["1"]?.review?.causes == ["y", "z"])
    #expect(records["1"]?.answer?.answer == .known)
  }

  @Test func aCourseMayDoWithout() throws {
    let other = try WorkFolder()
    try CourseTests.copy(courseFolder, to: other.path)
    try CourseTests.change(
      other.path + "/course.yaml",
      "shares-submissions: true",
      "shares-submissions: false"
    )
    let closed = try ReviewDesk(course: Course(path: other.path), state: state)
    for name in ["anna", "ben"] { try pass(name) }
    // Nobody's work is given out, only planted mistakes, until there are no more.
    var count = 0
    while let next = try? closed.next(id("anna")) {
      #expect(try planted(next.id) != nil)
      try review("anna", next.id)
      count += 1
    }
    #expect(count == lab.plantable.count)
    try CourseTests.change(other.path + "/course.yaml", "planted-first: 2", "planted-first: 99")
    #expect(errorID { _ = try Course(path: other.path) } == .courseInvalidValue)
    let text = String(
      decoding: try MappedFile.contents(of: courseFolder + "/course.yaml"),
      as: UTF8.self
    )
    let without = try #require(text.firstRange(of: "review:"))
    try AtomicFile.write(String(text[..<without.lowerBound]), to: other.path + "/course.yaml")
    let none = try Course(path: other.path)
    #expect(errorID { _ = try ReviewDesk(course: none, state: state) } == .labNoReviews)
  }

  @Test func whatIsHandedInIsKeptForReviewers() throws {
    let files = try StarterFiles(lab, "python").rendered(3, .english)
    try Submission(files: files).write(to: folder.path + "/mine")
    let grader = Grader(course: course, lab: lab, tier: lab.tiers[0], learner: id("anna"))
    for attempt in 1...2 {
      _ = try grader.submit(folder.path + "/mine", state: state)
      let kept = HandedIn(state).entries(of: id("anna"))
      #expect(kept == [.init(learner: id("anna"), lab: "L18", attempt: attempt)])
    }
  }
}
