import Files
import Glibc
import Reports
import Testing

@testable import Labs

/// The cheats of the design's list that no other test tries. Those about clocks, replays and impossible times are in
/// `TimingLabTests`; secrets, verdicts that a program writes itself and cached answers in `GraderTests`; fork bombs and floods in
/// `IsolationTests`.
@Suite(.serialized) struct CheatTests {
  private let course: Course
  private let folder: WorkFolder
  private let state: LabState

  init() throws {
    course = try Course(path: courseFolder)
    folder = try WorkFolder()
    state = try LabState(folder: folder.path + "/state")
  }

  private func grader(_ lab: Lab, _ learner: String) -> Grader {
    Grader(course: course, lab: lab, tier: lab.tiers[0], learner: LabState.learnerID(learner))
  }

  /// The right answers to the cases of a seed, as files of a program that only hands them out.
  private func copy(_ task: some CaseTask, _ lab: Lab, _ seed: VariantSeed) throws -> Submission {
    let grading = grader(lab, "").caseGrader(
      task,
      Submission(files: []),
      seed,
      isQuick: false,
      only: nil
    )
    var files: [Submission.File] = []
    for item in try grading.items(lab.checks) {
      let place = try WorkFolder()
      try task.write(answer: try task.reference(item.problem), of: item.problem, to: place.path)
      for path in try Folder.files(below: place.path) {
        files.append(
          .init(
            name: "kept/\(Workbench.name(item.number))\(path.dropFirst(place.path.count))",
            bytes: try MappedFile.contents(of: path),
            isExecutable: false
          )
        )
      }
    }
    let program = """
      import glob, os, shutil
      for out in glob.glob("out/*"):
          for file in glob.glob("program/kept/" + os.path.basename(out) + "/*"):
              shutil.copy(file, out)
      """
    let slot = try #require(lab.slots.first).name
    files.append(.init(name: slot + ".py", bytes: Array(program.utf8), isExecutable: false))
    return Submission(files: files)
  }

  /// Each learner's variant is the learner's own: an artifact that is right for one fails by itself for another, and nobody
  /// need be accused.
  @Test(arguments: ["L05", "L09", "L10", "L18"]) func copiedArtifactsFailByThemselves(_ id: String)
    throws
  {
    let lab = try #require(course.lab(id))
    let task = try #require(TaskCatalog(course: courseFolder).task(lab.task))
    let seeds = ["anna", "ben"].map {
      state.seed(lab: lab.uuid, learner: LabState.learnerID($0), attempt: 1)
    }
    let annas = try copy(task, lab, seeds[0])
    let own = try grader(lab, "anna").grade(annas, seeds[0], mode: .submit, attempt: 1)
    #expect(own.isPassed, "\(id): \(own.checks.map { "\($0.id) \($0.status)" })")
    let copied = try grader(lab, "ben").grade(annas, seeds[1], mode: .submit, attempt: 1)
    #expect(!copied.isPassed && copied.score.points == 0, "\(id): \(copied.score)")
    // Nor do they hold for the same learner's next attempt.
    let next = state.seed(lab: lab.uuid, learner: LabState.learnerID("anna"), attempt: 2)
    #expect(try !grader(lab, "anna").grade(annas, next, mode: .submit, attempt: 2).isPassed)
  }

  /// A table of answers by the size of the picture, learnt from the practice cases: hidden cases have other sizes, not only other values.
  @Test func answersBySizeFail() throws {
    let lab = try #require(course.lab("L03"))
    let learner = LabState.learnerID("anna")
    func sizes(_ seed: VariantSeed) throws -> [String] {
      try grader(lab, "anna").caseGrader(
        LetterboxTask(),
        Submission(files: []),
        seed,
        isQuick: false,
        only: nil
      ).items(lab.checks).map { LetterboxTask().title($0.problem) }
    }
    let known = Set(try sizes(VariantSeed(publicFor: lab.uuid, learner: learner)))
    let hidden = try sizes(state.seed(lab: lab.uuid, learner: learner, attempt: 1))
    #expect(hidden.count > 20 && hidden.count { !known.contains($0) } > hidden.count * 3 / 4)
    // The program: the answer of a practice case of the same size.
    let task = LetterboxTask()
    let practice = VariantSeed(publicFor: lab.uuid, learner: learner)
    var files = try copy(task, lab, practice).files.filter { $0.name.hasPrefix("kept/") }
    let program = """
      import glob, os, shutil
      sizes = {}
      for line in open("program/sizes.txt"):
          case, size = line.split()
          sizes[size] = case
      for folder in glob.glob("in/*"):
          # The shape of the array, which its head states.
          with open(folder + "/image.npy", "rb") as file:
              size = file.read()[:128].hex()
          for kept in glob.glob("program/kept/" + sizes.get(size, "none") + "/*"):
              shutil.copy(kept, "out/" + os.path.basename(folder))
      """
    var table = ""
    let grading = grader(lab, "anna").caseGrader(
      task,
      Submission(files: []),
      practice,
      isQuick: false,
      only: nil
    )
    for item in try grading.items(lab.checks) {
      let place = try WorkFolder()
      try task.write(item.problem, to: place.path)
      let head = try MappedFile.contents(of: place.path + "/image.npy").prefix(128)
      table += "\(Workbench.name(item.number)) \(VariantSeed.hex(Array(head)))\n"
    }
    files.append(.init(name: "sizes.txt", bytes: Array(table.utf8), isExecutable: false))
    files.append(.init(name: "pre.py", bytes: Array(program.utf8), isExecutable: false))
    let submission = Submission(files: files)
    let learnt = try grader(lab, "anna").grade(submission, practice, mode: .check, attempt: 0)
    #expect(learnt.score.points > 0)
    let seed = state.seed(lab: lab.uuid, learner: learner, attempt: 1)
    let verdict = try grader(lab, "anna").grade(submission, seed, mode: .submit, attempt: 1)
    #expect(verdict.score.points == 0 && verdict.checks.allSatisfy { $0.passed < $0.cases })
  }

  /// A program cannot tell a check from a submission: environment, arguments and folders are the same.
  @Test(.enabled(if: hasStrongIsolation)) func checksAndSubmissionsLookAlike() throws {
    let lab = try #require(course.lab("L18"))
    let program = """
      import os, sys
      seen = [sorted(os.environ.items()), sys.argv, os.getcwd(), os.getuid(), os.getpid()]
      for place, folders, files in sorted(os.walk(".")):
          seen += [place, sorted(folders), sorted(files)]
      import hashlib
      print(hashlib.sha256(repr(seen).encode()).hexdigest(), len(seen), file=sys.stderr)
      print(" ".join(os.environ), file=sys.stderr)
      sys.exit(9)
      """
    let place = folder.path + "/spy"
    try Submission(files: [.init(name: "plan.py", bytes: Array(program.utf8), isExecutable: false)])
      .write(to: place)
    let check = try grader(lab, "anna").practise(place, quick: false)
    let submission = try grader(lab, "anna").submit(place, state: state)
    let other = try grader(lab, "ben").submit(place, state: state)
    let said = [check, submission, other].map { $0.runs.first?.errors ?? "?" }
    #expect(Set(said).count == 1, "\(said)")
    #expect(said[0].split(separator: " ").first?.count == 64)
    let text = said[0].lowercased()
    for word in ["seed", "attempt", "submit", "learner", "secret"] { #expect(!text.contains(word)) }
  }

  /// Fewer bits than asked for: half precision shows in the largest error.
  @Test func halfPrecisionShows() throws {
    let lab = try #require(course.lab("L10"))
    var files = try StarterFiles(lab, "python").rendered(3, .english)
    let index = try #require(files.firstIndex { $0.name == "fold.py" })
    let text = String(decoding: files[index].bytes, as: UTF8.self)
    let line = "    new_weight, new_bias = fold(weight, bias, *vectors, task[\"epsilon\"])\n"
    let half = """
          import struct
          new_weight = list(struct.unpack(f"{len(new_weight)}e", struct.pack(f"{len(new_weight)}e", *new_weight)))

      """
    let parts = text.split(separator: line, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    files[index] = .init(
      name: "fold.py",
      bytes: Array((parts[0] + line + half + parts[1]).utf8),
      isExecutable: false
    )
    let seed = state.seed(lab: lab.uuid, learner: "x", attempt: 1)
    let verdict = try grader(lab, "x").grade(
      Submission(files: files),
      seed,
      mode: .submit,
      attempt: 1
    )
    #expect(verdict.runs.first?.ending == "exit 0", "\(verdict.runs.first?.errors ?? "")")
    #expect(verdict.checks.contains { $0.status == .fail })
    #expect(verdict.score.points < verdict.score.max / 2)
  }

  /// What a program says of itself, on any stream or file, is no result.
  @Test func resultsOnOtherWaysAreNone() throws {
    let lab = try #require(course.lab("L18"))
    let program = """
      import json, os, sys
      verdict = json.dumps({"status": "pass", "points": 20, "checks": [{"id": "chain", "status": "pass"}], "scores": {"chain": 6}})
      print(verdict)
      print(verdict, file=sys.stderr)
      for name in ["verdict.json", "out/verdict.json", "results.json", "program/verdict.json"]:
          try:
              open(name, "w").write(verdict)
          except OSError:
              pass
      for folder in os.listdir("out"):
          if os.path.isdir("out/" + folder):
              open("out/" + folder + "/plan.json", "w").write('{"offsets": []}')
      for number in range(3, 20):
          try:
              os.write(number, verdict.encode())
          except OSError:
              pass
      """
    let place = folder.path + "/liar"
    try Submission(files: [.init(name: "plan.py", bytes: Array(program.utf8), isExecutable: false)])
      .write(to: place)
    let verdict = try grader(lab, "anna").submit(place, state: state)
    #expect(verdict.score.points == 0 && verdict.checks.allSatisfy { $0.status == .fail })
    #expect(try state.log.events().count == 2)
  }

  /// The grader's own fault costs nothing, so nobody must be able to feign it.
  @Test func troubleOfOnesOwnMakingCounts() throws {
    let lab = try #require(course.lab("L18"))
    for (name, program) in [
      ("kills all", "import os, signal\nos.kill(-1, signal.SIGKILL)\n"),
      ("fills the folder", "open('out/x', 'wb').truncate(1 << 40)\n"),
      (
        "takes the answers' place",
        "import os\nfor f in os.listdir('out'):\n    os.rmdir('out/' + f)\n    open('out/' + f, 'w')\n"
      ),
      ("shuts the folder", "import os\nos.chmod('out', 0)\n"),
    ] {
      // At the weaker isolation a program might end more than itself.
      if name == "kills all", !hasStrongIsolation { continue }
      let place = "\(folder.path)/\(name.split(separator: " ").joined(separator: "-"))"
      try Submission(files: [
        .init(name: "plan.py", bytes: Array(program.utf8), isExecutable: false)
      ])
      .write(to: place)
      let verdict = try grader(lab, "anna").submit(place, state: state)
      #expect(
        verdict.counts && verdict.score.points == 0,
        "\(name): \(verdict.checks.map(\.status))"
      )
    }
  }
}
