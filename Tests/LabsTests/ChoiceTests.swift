import Metrics
import Reports
import Testing

@testable import Labs

/// Choices in a normal form, and what an idea is worth.
@Suite struct ChoiceTests {
  private func problems<Task: CaseTask>(_ task: Task, _ group: String, _ count: Int) throws
    -> [Task.Problem]
  {
    var random = SplitMix(seed: 11)
    return try (1...count).map { try task.problem(group, index: $0, random: &random) }
  }

  private func arena(_ key: (ArenaTask.Block) -> Int, best: Bool = false) throws -> Choice {
    let task = ArenaTask()
    let cases = try task.groups.flatMap { try problems(task, $0, 8) }
    let choices = cases.compactMap { problem in
      let order = problem.tensors.indices.sorted {
        (key(problem.tensors[$0]), $0) < (key(problem.tensors[$1]), $1)
      }
      return task.choice(.init(offsets: ArenaTask.place(problem, order, best)), problem)
    }
    return try #require(Choice(choices, taught: ArenaTask.taughtForms))
  }

  @Test func arenaPlansAreKnownByTheirRule() throws {
    let taught = try arena { -$0.bytes }
    #expect(taught.form == "first-fit/largest-first" && taught.isTaught)
    #expect(try #require(taught.provedGain) > 0)
    let area = try arena { -$0.bytes * ($0.last - $0.first + 1) }
    #expect(area.form == "first-fit/largest-area-first" && !area.isTaught)
    // The plain way brings nothing, whoever chooses it.
    let plain = try arena { _ in 0 }
    #expect(plain.form == "first-fit/as-given" && plain.gain == 0)
    // What no known rule gives: features, the same again for the same idea.
    let own = try arena { $0.bytes * 7919 % 10_007 }
    #expect(own.form.hasPrefix("offsets bytes") && !own.isTaught)
    #expect(try arena({ $0.bytes * 7919 % 10_007 }) == own)
  }

  /// The course's own programs must come out as what the course shows.
  @Test(arguments: ["L16", "L18"]) func whatTheCourseShowsIsTaught(_ id: String) throws {
    let course = try Course(path: courseFolder)
    let lab = try #require(course.lab(id))
    let starter = try StarterFiles(lab, "python").rendered(3, .english)
    for name in [nil] + lab.alternates.map(Optional.some) {
      let folder = try WorkFolder()
      try Submission(files: starter).write(to: folder.path + "/mine")
      if let name {
        try CourseTests.copy("\(lab.path)/alternates/\(name)", to: folder.path + "/mine")
      }
      let grader = Grader(course: course, lab: lab, tier: lab.tiers[0], learner: "learner:c")
      let state = try LabState(folder: folder.path + "/state")
      let verdict = try grader.submit(folder.path + "/mine", state: state)
      let choice = try #require(verdict.choice, "\(id) \(name ?? "solution")")
      #expect(choice.isTaught, "\(id) \(name ?? "solution"): \(choice.form)")
      #expect(try #require(choice.provedGain) > 0)
      let event = try #require(try state.log.events().last)
      #expect(event.data["choice"] == choice.form && event.data["taught"] == "true")
      // Practice shows no choice: only what is handed in counts.
      #expect(try grader.practise(folder.path + "/mine", quick: false).choice == nil)
    }
  }

  @Test func calibrationsAreKnownByPicturesAndRanges() throws {
    let task = CalibrationTask()
    let problem = try #require(try problems(task, "outliers", 1).first)
    let all = problem.kinds.indices.filter { problem.kinds[$0] == .good }
    func covering(_ set: [Int]) throws -> CalibrationTask.Answer {
      let ranges = CalibrationTask.ranges(problem, set)
      return try CalibrationTask.answer(problem, set, ranges, problem.scheme)
    }
    let taught = try #require(task.choice(try covering(all.filter { $0 % 4 != 1 }), problem))
    #expect(CalibrationTask.taughtForms.contains(taught.features))
    #expect(try #require(taught.gain) > 0.2)
    let covered = try covering(all)
    let plain = try #require(task.choice(covered, problem))
    #expect(plain.features == "pictures: all; ranges: all that is seen")
    #expect(abs(try #require(plain.gain)) < 1e-9)
    // All pictures, with ranges that leave the faulty pixels out.
    var clipped = covered
    clipped.scales = try task.reference(problem).scales
    let cut = try #require(task.choice(clipped, problem))
    #expect(cut.features.hasPrefix("pictures: all; ranges: without"))
    #expect(!CalibrationTask.taughtForms.contains(cut.features))
    // Elsewhere the method is prescribed.
    let clean = try #require(try problems(task, "clean", 1).first)
    #expect(task.choice(try task.reference(clean), clean) == nil)
  }

  @Test func pipelinesAreKnownByThreadsAndQueues() throws {
    let task = PipeliningTask()
    let problem = PipeliningTask.Problem(
      stages: [.init(name: "read", ms: 4), .init(name: "network", ms: 12)],
      threads: 4,
      latency: 300
    )
    func form(_ workers: [Int], _ capacity: Int) -> CaseChoice? {
      task.choice(.init(workers: workers, capacity: capacity), problem)
    }
    let taught = try #require(form([1, 3], 1))
    #expect(PipeliningTask.taughtForms == [taught.features])
    #expect(form([1, 3], 8)?.features == "threads: slowest stage first; queue 5+")
    #expect(form([2, 2], 2)?.features == "threads: spread; queue 2")
    #expect(form([1, 1], 4)?.features == "threads: some unused; queue 3-4")
    // Measured, unless this machine oversleeps; three threads cannot take less than a third of the time.
    if let gain = taught.gain { #expect(gain > -1 && gain < 0.7) }
  }

  @Test func buildRecipesAreKnownByWhatTheyLeave() {
    let task = BuildTask(cache: courseFolder + "/../.cache")
    let problem = BuildTask.Problem(
      group: "cap",
      model: [],
      threads: 1,
      precision: "f32",
      memory: 100_000
    )
    func form(_ workspace: Int) -> String? {
      var answer = BuildTask.Answer()
      (answer.hasPlan, answer.workspace, answer.memory) = (true, workspace, workspace + 30_000)
      return task.choice(answer, problem)?.features
    }
    #expect(form(64 << 10) == "workspace: the largest that fits")
    #expect(form(4 << 10) == "workspace: 2 below the largest")
    #expect(form(256 << 10) == "workspace: too large")
    #expect(form(5000) == "workspace: of another size")
    #expect(BuildTask.taughtForms == ["workspace: the largest that fits"])
  }

  @Test func gainsAreProvedByTheirSpread() throws {
    func choice(_ gains: [Double?]) -> Choice? {
      Choice(gains.map { CaseChoice(features: "f", gain: $0) }, taught: [])
    }
    let steady = try #require(choice([0.1, 0.1, 0.1, 0.1]))
    #expect(steady.provedGain == 0.1)
    // Mean 0.1, standard deviation 0.1·√(4/3)… over four cases: 0.1 − 2 · 0.1155 / 2.
    let noisy = try #require(choice([0, 0.2, 0, 0.2])?.provedGain)
    #expect(abs(noisy - (0.1 - 0.11547005)) < 1e-6)
    #expect(choice([0.5, 0.5])?.provedGain == nil && choice([nil])?.gain == nil)
    #expect(choice([.nan, .infinity])?.gain == nil && choice([]) == nil)
  }

  /// By hand: 5 learners besides, 1 of whom chose the same.
  @Test func rareAndProvedCounts() throws {
    let course = try Course(path: courseFolder)
    let lab = try #require(course.lab("L18"))
    var events: [EventLog.Event] = []
    func add(
      _ who: String,
      _ form: String,
      gain: String?,
      taught: Bool = false,
      counts: Bool = true
    ) {
      var data = [
        "points": "20", "max": "20", "tier": "basic", "passed": "true", "counts": "\(counts)",
        "choice": form, "taught": "\(taught)",
      ]
      data["gain"] = gain
      events.append(
        .init(
          number: events.count + 1,
          time: "",
          type: "graded",
          lab: lab.uuid,
          learner: who,
          data: data,
          previous: ""
        )
      )
    }
    func criterion(_ who: String) throws -> Assessment.Criterion {
      let all = AssessmentMaker(course: course, learner: who, events: events).assessment()
      return try #require(all.criteria.first { $0.id == "m3" })
    }
    add("a", "own", gain: "0.07")
    for other in ["b", "c", "d"] { add(other, "usual", gain: "0.05", taught: true) }
    // Four learners are too few to call anything rare: listed, no level.
    #expect(try criterion("a").level == nil && criterion("a").evidence.count == 1)
    add("e", "own", gain: "0.3")
    add("e", "usual", gain: "0.05", taught: true)
    add("f", "own", gain: "-0.1")
    add("g", "own", gain: "0.9", counts: false)
    // Of the others (b, c, d, e, f) four chose otherwise: 0.8; 7 of 20 %: 0.35.
    let found = try criterion("a")
    #expect(abs(try #require(found.value) - 0.8 * 0.35) < 1e-12 && found.level == 1)
    let words = try #require(found.evidence.first?.words?["en"])
    #expect(words == "own: 2 of 6 chose this; it brought 7.0 %, proved")
    // What the course shows is worth nothing, nor is what was lost by it.
    #expect(try criterion("b").value == 0 && criterion("b").level == 0)
    #expect(try criterion("f").value == 0)
    // However large and rare: above 3 only by a person's word.
    add("a", "alone", gain: "0.9")
    #expect(try criterion("a").value == 1 && criterion("a").level == 3)
    // Without a measured gain it is listed and weighs nothing.
    add("a", "unmeasured", gain: nil)
    #expect(try criterion("a").value == nil && criterion("a").evidence.first?.weight == 0)
  }

  @Test func theTablesHoldTheChoices() throws {
    let folder = try WorkFolder()
    let log = EventLog(path: folder.path + "/log")
    for (who, form, gain) in [("a", "x", "0.1"), ("a", "y", "0.2"), ("b", "y", "0.4")] {
      try log.append(
        "graded",
        lab: "l",
        learner: who,
        ["counts": "true", "passed": "true", "choice": form, "taught": "false", "gain": gain]
      )
    }
    let forms = try CohortStore.following(try log.events(), in: folder.path).chosenForms()
    #expect(forms.map(\.form) == ["y"] && forms[0].learners == 2)
    #expect(abs(try #require(forms[0].gain) - 0.3) < 1e-12)
    #expect(try CohortStore.rebuilt(from: try log.events(), in: folder.path).chosenForms() == forms)
  }
}
