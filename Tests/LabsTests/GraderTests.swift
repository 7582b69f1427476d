import Diagnostics
import Files
import Glibc
import Reports
import Testing

@testable import Labs

/// Submissions, right, wrong and hostile.
@Suite(.serialized) struct GraderTests {
  let course: Course
  let lab: Lab
  let state: LabState
  let stateFolder: WorkFolder
  let learner = LabState.learnerID("test")
  /// Keeps every folder until the test is over.
  private let kept = Kept()

  private final class Kept {
    var folders: [WorkFolder] = []
  }

  init() throws {
    course = try Course(path: courseFolder)
    lab = try #require(course.lab("L03"))
    stateFolder = try WorkFolder()
    state = try LabState(folder: stateFolder.path + "/lab")
  }

  private var grader: Grader {
    var grader = Grader(course: course, lab: lab, tier: lab.tiers[0], learner: learner)
    grader.hidden = [stateFolder.path]
    return grader
  }

  /// A folder with the solution, with `pre.py` changed.
  private func folder(_ edits: [(String, String)] = []) throws -> WorkFolder {
    let folder = try WorkFolder()
    kept.folders.append(folder)
    for file in try StarterFiles(lab, "python").rendered(3, .english) {
      var text = String(decoding: file.bytes, as: UTF8.self)
      if file.name == "pre.py" {
        for (old, new) in edits {
          let range = try #require(text.firstRange(of: old))
          text = String(text[..<range.lowerBound]) + new + text[range.upperBound...]
        }
      }
      try folder.write(text, file.name)
    }
    return folder
  }

  private func program(_ text: String) throws -> WorkFolder {
    let folder = try folder()
    try folder.write(text, "pre.py")
    return folder
  }

  @Test func signsWhatItGraded() throws {
    let work = try folder()
    let verdict = try grader.submit(work.path, state: state)
    #expect(verdict.isPassed && verdict.score.points == verdict.score.max)
    #expect(verdict.attempt == 1 && verdict.checks.allSatisfy { $0.trust == .rerun })
    #expect(state.hasSigned(verdict))
    var forged = verdict
    forged.score.points += 1
    #expect(!state.hasSigned(forged))
    let other = try LabState(folder: stateFolder.path + "/other")
    #expect(!other.hasSigned(verdict))
    // As a file, too.
    let path = work.path + "/verdict.json"
    try AtomicFile.write(try verdict.json(), to: path)
    #expect(state.hasSigned(try Verdict(path: path)))
    // The seed was bound before anything was drawn, and is told now.
    let events = try state.log.events()
    let seed = try #require(VariantSeed(hex: verdict.variant.seed))
    #expect(events.first { $0.type == "submitted" }?.data["commitment"] == seed.commitment)
    #expect(events.last?.data["seed"] == verdict.variant.seed)
    let second = try grader.submit(work.path, state: state)
    #expect(second.attempt == 2 && second.variant.seed != verdict.variant.seed)
    #expect(second.previous == events.last?.data["verdict"])
  }

  @Test func saysEverythingAboutAFailure() throws {
    let work = try folder([("PAD = 114", "PAD = 0")])
    let verdict = try grader.practise(work.path, quick: false)
    let check = try #require(verdict.checks.first { $0.id == "parity" })
    #expect(check.status == .fail && check.diagnosis.first?.mutant == "pad-black")
    let witness = try #require(check.witness)
    for language in ReportLanguage.allCases {
      let words = VerdictText(course: course, lab: lab, language: language)
      let text = words.failureLines(check, verdict).joined(separator: "\n")
      #expect(text.contains(witness.id) && text.contains("vitrine lab replay"))
      #expect(text.contains(course.messages.text("cause.pad-black", in: language)))
      #expect(text.contains("0.995"))
    }
    let seed = VariantSeed(publicFor: lab.uuid, learner: learner)
    let replay = try grader.replay(witness.id, seed: seed, in: work.path)
    let names = replay.files.map { $0.dropFirst(replay.folder.count + 1) }
    #expect(names.contains("difference.png") && names.contains("expected/input.npy"))
    #expect(replay.verdict.checks.first?.status == .fail)
    #expect(
      errorID { _ = try grader.replay("parity/99", seed: seed, in: work.path) }
        == .labInvalidSubmission
    )
  }

  @Test func answersQuicklyWhenAskedTo() throws {
    let verdict = try grader.practise(try folder().path, quick: true)
    #expect(verdict.isPassed && verdict.mode == "quick")
    #expect(verdict.checks.allSatisfy { $0.cases <= 3 })
  }

  @Test func tellsADeadProgramFromAWrongOne() throws {
    let dead = try grader.practise(
      try program("import sys\nsys.exit('no idea')\n").path,
      quick: true
    )
    #expect(dead.checks.allSatisfy { $0.status == .error })
    #expect(dead.checks.first?.message?.id == "run.exited")
    #expect(dead.runs.first?.errors.contains("no idea") == true)
    let silent = try grader.practise(try program("pass\n").path, quick: true)
    #expect(silent.checks.allSatisfy { $0.status == .fail && $0.message?.id == "answer.missing" })
    let folder = try WorkFolder()
    try folder.write("x", "notes.txt")
    let none = try grader.practise(folder.path, quick: true)
    #expect(none.checks.first?.message?.id == "run.no-program")
  }

  @Test(arguments: [
    // A header that promises more than there is, a shape that overflows, nothing at all, no array.
    "b'\\x93NUMPY\\x01\\x00\\x76\\x00' + b\"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999, 9), }\"",
    "b''", "b'\\x93NUMPY'", "b'[' * 1000000", "bytes(range(256)) * 100",
  ])
  func refusesMalformedAnswers(_ bytes: String) throws {
    let text = """
      import os
      for name in os.listdir("in"):
          open(f"out/{name}/input.npy", "wb").write(\(bytes))
          open(f"out/{name}/transform.json", "wb").write(b'[' * 200000)
      """
    let verdict = try grader.practise(try program(text).path, quick: true)
    #expect(
      verdict.checks.allSatisfy { $0.status == .fail && $0.message?.id == "answer.malformed" }
    )
  }

  /// Deep JSON beside a right array.
  @Test func refusesDeepDocuments() throws {
    let work = try folder([
      (
        "write_json(output, \"transform.json\", transform)",
        "open(output + '/transform.json', 'w').write('[' * 500000)"
      )
    ])
    let verdict = try grader.practise(work.path, quick: true)
    #expect(verdict.checks.allSatisfy { $0.message?.id == "answer.malformed" })
  }

  @Test func refusesLinksInAnswers() throws {
    let work = try folder([
      (
        "for folder, output in cases():",
        "import os\nos.symlink('/etc/passwd', 'out/0001/link')\nfor folder, output in cases():"
      )
    ])
    let verdict = try grader.practise(work.path, quick: true)
    #expect(
      verdict.checks.allSatisfy { $0.status == .error && $0.message?.id == "run.foreign-file" }
    )
  }

  @Test func refusesLinksInSubmissions() throws {
    let work = try folder()
    symlink("/etc/passwd", work.path + "/helper.py")
    #expect(errorID { _ = try grader.practise(work.path, quick: true) } == .labInvalidSubmission)
  }

  /// Answers learnt from the practice cases are worth nothing on the cases of a submission.
  @Test func cachedAnswersFail() throws {
    let work = try folder([
      (
        "for folder, output in cases():",
        """
        import os, shutil
        if os.path.exists("program/cache"):
            for folder, output in cases():
                for name in os.listdir("program/cache/" + os.path.basename(output)):
                    shutil.copy("program/cache/" + os.path.basename(output) + "/" + name, output)
            raise SystemExit
        for folder, output in cases():
        """
      )
    ])
    // The cache is what a right program answers to the practice cases.
    let grading = grader.caseGrader(
      LetterboxTask(),
      Submission(files: []),
      VariantSeed(publicFor: lab.uuid, learner: learner),
      isQuick: false,
      only: nil
    )
    for item in try grading.items(lab.checks) {
      let folder = "\(work.path)/cache/\(Workbench.name(item.number))"
      try Folder.create(folder)
      let answer = try LetterboxTask().reference(item.problem)
      try LetterboxTask().write(answer: answer, of: item.problem, to: folder)
    }
    #expect(try grader.practise(work.path, quick: false).isPassed)
    let verdict = try grader.submit(work.path, state: state)
    #expect(!verdict.isPassed && verdict.score.points == 0)
  }

  /// Twenty at once: each is graded, each on cases of its own.
  @Test func gradesManyAtOnce() async throws {
    let work = try folder()
    let (grader, path, source) = (grader, stateFolder.path + "/lab", work.path)
    let verdicts = try await withThrowingTaskGroup(of: Verdict.self) { group in
      for _ in 0..<20 {
        group.addTask { try grader.submit(source, state: LabState(folder: path)) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(verdicts.allSatisfy { $0.isPassed })
    #expect(Set(verdicts.map { $0.attempt }) == Set(1...20))
    #expect(Set(verdicts.map { $0.variant.seed }).count == 20)
    #expect(try state.log.events().count { $0.type == "graded" } == 20)
  }

  /// A program that looks for the grader's secret and the solutions, and writes a verdict itself.
  @Test(.enabled(if: hasStrongIsolation)) func neitherReadsSecretsNorWritesVerdicts() throws {
    let state = stateFolder.path
    let text = """
      import os
      for path in ["\(state)/lab/secret", "\(state)/lab/signing-key", "\(courseFolder)/course.yaml"]:
          try:
              print("READ", len(open(path).read()))
          except OSError:
              print("refused")
      for path in ["\(state)/lab/events.jsonl", "verdict.json", "out/verdict.json"]:
          try:
              open(path, "a").write('{"score": {"points": 99}}')
          except OSError:
              pass
      """
    _ = try grader.submit(try folder().path, state: self.state)
    let before = try self.state.log.events().count
    let work = try program(text)
    let bench = Workbench(
      folder: try TemporaryFolder(),
      limits: RunLimits(),
      hidden: [state, courseFolder]
    )
    try Submission(folder: work.path).write(to: bench.path + "/program")
    try Folder.create(bench.path + "/out")
    bench.handOver()
    let outcome = try bench.run(["python3", "program/pre.py"])
    #expect(outcome.output == "refused\nrefused\nrefused\n")
    let verdict = try grader.submit(work.path, state: self.state)
    #expect(verdict.score.points == 0)
    #expect(try self.state.log.events().count == before + 2)
  }

  @Test func gradesAtBasicIsolationToo() throws {
    let submission = try Submission(folder: folder().path)
    let seed = VariantSeed(publicFor: lab.uuid, learner: learner)
    let verdict = try grader.grade(submission, seed, mode: .quick, attempt: 0, startsStrong: false)
    #expect(verdict.isPassed && verdict.grader.isolation == .basic)
  }

  @Test func exportsVerdicts() throws {
    let work = try folder([("PAD = 114", "PAD = 0")])
    let verdict = try grader.practise(work.path, quick: false)
    let export = GradeExport(course: course, language: .english)
    let json = try export.text(.gradescope, [verdict], assignment: "", students: [])
    for part in [
      "\"score\" : ", "\"max_score\" : ", "\"tests\" : ", "\"status\" : \"failed\"",
      "\"output_format\" : \"md\"",
    ] {
      #expect(json.contains(part), "\(part)")
    }
    let line = try export.text(.autolab, [verdict], assignment: "", students: [])
    #expect(
      line.hasPrefix("{\"scoreboard\":[") && line.hasSuffix("}}\n") && line.contains("\"parity\":0")
    )
    let canvas = try export.text(
      .canvas,
      [verdict],
      assignment: "L03 (7)",
      students: ["=Zhang, \"San\",4711"]
    )
    let rows = canvas.split(separator: "\r\n")
    #expect(rows[0] == "Student,ID,SIS User ID,SIS Login ID,Section,L03 (7)")
    #expect(rows[2] == "\"'=Zhang, \"\"San\"\"\",4711,,,,\(verdict.score.points)")
    let moodle = try export.text(.moodle, [verdict], assignment: "L03", students: ["A,1"])
    #expect(moodle.contains("1,A,\(verdict.score.points),\""))
  }
}
