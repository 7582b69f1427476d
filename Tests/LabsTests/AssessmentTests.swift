import Diagnostics
import Files
import Glibc
import Reports
import Testing

@testable import Labs

/// The nine criteria, against cases that were computed by hand.
@Suite struct AssessmentTests {
  private let course: Course
  private var events: [EventLog.Event] = []

  init() throws { course = try Course(path: courseFolder) }

  private mutating func add(
    _ type: String,
    _ lab: String,
    _ data: [String: String],
    who: String = "a"
  ) {
    events.append(
      EventLog.Event(
        number: events.count + 1,
        time: "2030-01-01T00:00:00Z",
        type: type,
        lab: course.lab(lab)?.uuid ?? lab,
        learner: who,
        data: data,
        previous: "",
        digest: "sha256:\(events.count)"
      )
    )
  }

  private mutating func grade(
    _ lab: String,
    _ points: Int,
    _ most: Int,
    tier: String = "basic",
    checks: String? = nil,
    counts: Bool = true,
    who: String = "a"
  ) {
    var data = [
      "points": "\(points)", "max": "\(most)", "tier": tier, "passed": "\(points == most)",
      "counts": "\(counts)", "attempt": "\(events.count)", "verdict": "sha256:v",
    ]
    data["checks"] = checks
    add("graded", lab, data, who: who)
  }

  private func criterion(_ id: String) throws -> Assessment.Criterion {
    let all = AssessmentMaker(course: course, learner: "a", events: events).assessment()
    return try #require(all.criteria.first { $0.id == id })
  }

  @Test func withoutEvidenceNothingIsClaimed() throws {
    let all = AssessmentMaker(course: course, learner: "a", events: []).assessment()
    #expect(all.criteria.map(\.id) == Rubric.ids)
    #expect(all.criteria.allSatisfy { $0.level == nil && $0.value == nil && $0.evidence.isEmpty })
    #expect(all.dimensions.allSatisfy { $0.level == nil } && all.badge == nil)
  }

  @Test mutating func labsCountByTheirBestAttempt() throws {
    grade("L03", 10, 20)  // 0.5 × 0.7 = 0.35
    grade("L03", 16, 20, tier: "advanced")  // 0.8 × 0.85 = 0.68: the best
    grade("L03", 20, 20, counts: false)  // the grader's own fault
    grade("L04", 20, 20, tier: "expert", who: "b")  // somebody else's
    #expect(try criterion("t1").value == 0.68)
    // One lab is too little for a level.
    #expect(try criterion("t1").level == nil)
    grade("L09", 20, 20)  // 0.7
    let result = try criterion("t1")
    #expect(abs(try #require(result.value) - (0.68 + 0.7) / 2) < 1e-12)
    #expect(result.level == 3)  // 0.69 lies in 0.6 ..< 0.8
    #expect(result.evidence.map(\.subject) == ["L03", "L09"] && result.evidence[0].event == 2)
    // Weights: L10 has 2 and L18 has 1 in t2: (2 × 0.7 + 1 × 0.35) / 3.
    grade("L10", 20, 20)
    grade("L18", 10, 20)
    let second = try criterion("t2")
    #expect(abs(try #require(second.value) - 1.75 / 3) < 1e-12 && second.level == 2)
  }

  @Test mutating func repairsCostWhatTheyTook() throws {
    grade("L03", 20, 20)
    #expect(try criterion("t3").evidence.isEmpty)  // never failed: nothing shown
    grade("L04", 5, 20)
    #expect(try criterion("t3").value == 0)
    add("hinted", "L04", [:])
    add("hinted", "L04", [:])
    add("hinted", "L04", [:])
    grade("L04", 6, 20)
    grade("L04", 20, 20)
    // Two failures and three hints: 1 − 0.1 − 2 × 0.15.
    #expect(abs(try #require(try criterion("t3").value) - 0.6) < 1e-12)
    #expect(try criterion("t3").level == 3)
    for _ in 1...20 { grade("L05", 0, 20) }
    grade("L05", 20, 20)
    // Never below 0.4 once repaired.
    #expect(abs(try #require(try criterion("t3").value) - 0.5) < 1e-12)
  }

  @Test mutating func programsThatDieCount() throws {
    grade("L03", 0, 20, checks: "parity=error unit=error")
    grade("L03", 5, 20, checks: "parity=fail:stretched unit=pass")
    grade("L04", 20, 20, checks: "boxes=pass")
    // 1/2 and 1/1.
    #expect(try criterion("e1").value == 0.75)
    #expect(try criterion("e1").level == 2)
    // Points from before outcomes were kept say nothing.
    grade("L05", 20, 20)
    #expect(try criterion("e1").value == 0.75)
  }

  @Test mutating func predictionsCountByTheirError() throws {
    // W9: tolerance 2. W5: 15. W12: 0.25.
    add("answered", "W9", ["predicted": "20", "value": "21"])  // half a tolerance: 0.75
    add("answered", "W9", ["predicted": "21", "value": "21"])  // a second answer
    add("answered", "W5", ["predicted": "0", "value": "15"])  // at the tolerance: 0.5
    #expect(try criterion("m1").level == nil)
    add("answered", "W12", ["predicted": "1", "value": "3"])  // far off: 0
    add("answered", "W13", ["predicted": "1", "value": "nan"])  // no number
    let result = try criterion("m1")
    #expect(abs(try #require(result.value) - 1.25 / 3) < 1e-12 && result.level == 2)
    // m2 counts whether they held: 1, 1, 0.
    #expect(abs(try #require(try criterion("m2").value) - 2.0 / 3) < 1e-12)
  }

  @Test mutating func peopleMayOverride() throws {
    add("overridden", "", ["criterion": "e2", "level": "3", "reason": "reads well", "by": "wu"])
    #expect(try criterion("e2").level == 3 && criterion("e2").computedLevel == nil)
    #expect(try criterion("e2").override?.by == "wu")
    add("overridden", "", ["criterion": "e2", "level": "9", "reason": "no level", "by": "wu"])
    #expect(try criterion("e2").level == nil)
    add("overridden", "", ["criterion": "e3", "level": "2", "reason": "now", "by": "wu"])
    add("overridden", "", ["criterion": "e2", "level": "1", "reason": "now", "by": "wu"])
    let all = AssessmentMaker(course: course, learner: "a", events: events).assessment()
    // (1 + 2) / 2, rounded down.
    #expect(all.dimensions.map(\.level) == [nil, 1, nil])
    #expect(all.dimensions.map(\.known) == [0, 2, 0])
  }

  @Test func badgesNeedEveryDimension() {
    #expect(AssessmentMaker.badge([2, 3, 3]) == "basic")
    #expect(AssessmentMaker.badge([2, 2, 4]) == nil)
    #expect(AssessmentMaker.badge([3, 3, 3]) == "advanced")
    #expect(AssessmentMaker.badge([3, 4, 4]) == "expert")
    #expect(AssessmentMaker.badge([1, 4, 4]) == nil)
    #expect(AssessmentMaker.badge([4, 4, nil]) == nil)
  }

  @Test func tablesFollowTheLog() throws {
    let folder = try WorkFolder()
    let log = EventLog(path: folder.path + "/log")
    func grade(_ who: String, _ points: Int, _ checks: String) throws {
      try log.append(
        "graded",
        lab: "l",
        learner: who,
        [
          "points": "\(points)", "max": "20", "passed": "\(points == 20)", "counts": "true",
          "attempt": "1", "tier": "basic", "checks": checks,
        ]
      )
    }
    try grade("a", 5, "x=fail:stretched y=pass")
    try grade("a", 20, "x=pass y=pass")
    try grade("b", 5, "x=fail:stretched y=error")
    func open() throws -> CohortStore {
      try CohortStore.following(try log.events(), in: folder.path)
    }
    let expected = [
      CohortStore.Cell(learner: "a", lab: "l", attempts: 2, best: 20, max: 20, isPassed: true),
      CohortStore.Cell(learner: "b", lab: "l", attempts: 1, best: 5, max: 20, isPassed: false),
    ]
    #expect(try open().cells() == expected)
    let stuck = try open().stuckPoints()
    #expect(stuck.map(\.check) == ["x", "y"])
    #expect(stuck[0].failures == 2 && stuck[0].tries == 3 && stuck[0].stuckLearners == 1)
    #expect(stuck[0].causes == [CohortStore.StuckPoint.Cause(id: "stretched", count: 2)])
    #expect(stuck[1].causes == [CohortStore.StuckPoint.Cause(id: nil, count: 1)])
    // Behind: only what is new is added. Missing, damaged, of another log: made anew.
    try log.append("hinted", lab: "l", learner: "b")
    #expect(try open().eventCount() == 4)
    let path = try open().path
    unlink(path)
    #expect(try open().cells() == expected)
    try AtomicFile.write("no database, but long enough to be looked at " + path, to: path)
    #expect(try open().cells() == expected)
    let bytes = try MappedFile.contents(of: path)
    try AtomicFile.write(bytes.enumerated().map { $0 > 100 ? $1 ^ 0x55 : $1 }, to: path)
    #expect(try open().cells() == expected)
    unlink(log.path)
    try grade("c", 20, "x=pass")
    #expect(try open().cells().map(\.learner) == ["c"])
    #expect(try CohortStore.rebuilt(from: try log.events(), in: folder.path).eventCount() == 1)
  }

  @Test func aReaderReadsOnlyWhatIsNew() throws {
    let folder = try WorkFolder()
    let log = EventLog(path: folder.path + "/log")
    let reader = LogReader(log)
    #expect(try reader.events().isEmpty)
    for index in 1...3 {
      try log.append("checked", lab: "l", learner: "\(index)")
      #expect(try reader.events().map(\.learner) == (1...index).map { "\($0)" })
    }
    let whole = String(decoding: try MappedFile.contents(of: log.path), as: UTF8.self)
    // A line that does not follow is noticed, also where the reader begins in the middle.
    try log.append("checked", lab: "l", learner: "4")
    var text = String(decoding: try MappedFile.contents(of: log.path), as: UTF8.self)
    text =
      whole
      + text.dropFirst(whole.count).split(separator: "\"learner\":\"4\"").joined(
        separator: "\"learner\":\"5\""
      )
    let file = open(log.path, O_WRONLY | O_TRUNC)
    _ = text.withCString { write(file, $0, strlen($0)) }
    close(file)
    #expect(errorID { _ = try reader.events() } == .labTampered)
  }

  @Test func aSubmissionThatWasCutOffKeepsItsCases() throws {
    let folder = try WorkFolder()
    let state = try LabState(folder: folder.path + "/state")
    let lab = try #require(course.lab("L10"))
    for file in try lab.starter("python", scaffold: 3, .english) {
      try Folder.create(folder.path + "/mine")
      try AtomicFile.write(file.bytes, to: folder.path + "/mine/" + file.name)
    }
    let grader = Grader(course: course, lab: lab, tier: lab.tiers[0], learner: "learner:x")
    // The first process dies before it says that it has graded.
    struct Killed: Error {}
    #expect(throws: Killed.self) {
      _ = try grader.submit(folder.path + "/mine", state: state, ticket: "t") { _ in throw Killed()
      }
    }
    let verdict = try grader.submit(folder.path + "/mine", state: state, ticket: "t")
    #expect(verdict.attempt == 1 && verdict.isPassed)
    let events = try state.log.events()
    #expect(events.map(\.type) == ["submitted", "graded"])
    #expect(
      events[1].data["ticket"] == "t"
        && CheckOutcome.read(events[1].data["checks"] ?? "").count == 5
    )
    let next = try grader.submit(folder.path + "/mine", state: state, ticket: "u")
    #expect(next.attempt == 2 && next.variant.seed != verdict.variant.seed)
  }
}
