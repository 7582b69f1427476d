import Diagnostics
import Files
import Glibc
import Reports
import Testing

@testable import Labs

/// README files that are executed: honest, careless and hostile.
@Suite(.serialized) struct ReadmeTests {
  private let course: Course
  private let lab: Lab

  init() throws {
    course = try Course(path: courseFolder)
    lab = try #require(course.lab("L18"))
  }

  private func grade(
    _ readme: String,
    _ others: [(String, String)] = [],
    strong: Bool = true,
    hidden: [String] = []
  ) throws -> Verdict {
    var files = try StarterFiles(lab, "python").rendered(3, .english)
    for (name, text) in others + [("README.md", readme)] {
      files.append(.init(name: name, bytes: Array(text.utf8), isExecutable: false))
    }
    var grader = Grader(course: course, lab: lab, tier: lab.tiers[0], learner: "learner:r")
    grader.hidden = hidden
    let seed = VariantSeed(secret: [7], lab: lab.uuid, learner: "r", purpose: "readme")
    return try grader.grade(
      Submission(files: files),
      seed,
      mode: .check,
      attempt: 0,
      startsStrong: strong
    )
  }

  private func documentation(
    _ readme: String,
    _ others: [(String, String)] = [],
    strong: Bool = true
  ) throws -> Verdict.Documentation {
    let verdict = try grade(readme, others, strong: strong)
    // Whatever stands in it, the program is graded as ever.
    #expect(verdict.isPassed && verdict.score.points == verdict.score.max)
    return try #require(verdict.documentation)
  }

  private func block(_ lines: String...) -> String {
    "```run\n\(lines.joined(separator: "\n"))\n```\n"
  }

  /// The cases beside the commands are those of the program that the checks name first.
  @Test func seesTheCasesOfTheFirstOfTwoTasks() throws {
    let lab = try #require(course.lab("L09"))
    var files = try StarterFiles(lab, "python").rendered(3, .english)
    let readme = block("python3 facts.py", "python3 surgery.py")
    files.append(.init(name: "README.md", bytes: Array(readme.utf8), isExecutable: false))
    let grader = Grader(course: course, lab: lab, tier: lab.tiers[2], learner: "learner:r")
    let seed = VariantSeed(secret: [7], lab: lab.uuid, learner: "r", purpose: "readme")
    let verdict = try grader.grade(Submission(files: files), seed, mode: .check, attempt: 0)
    let commands = try #require(verdict.documentation).commands
    #expect(commands.first?.ending == "exit 0", "\(commands)")
    #expect(commands.last?.ending != "exit 0", "the cases are not those of the second program")
  }

  @Test func readsCommandsNumbersAndLinks() {
    let readme = Readme(
      Array(
        """
        # Title
        ```run
        # a note
        python3 plan.py "two words" 'and $one'

        cat a | wc
        ```
        ```python
        [not](a-link) 3<!-- claim none -->
        ```
        It takes **3.1**<!-- claim ms --> ms, 用时12 %<!-- claim a/b -->, none<!-- claim n -->, `<!-- claim spoken -->`.
        [a](x.md "title"), ![b](<img/y.png>), `[c](code)`, [d](https://example.org), [e](#part)
        [f]: ../out.md
        <!-- claim bad name! -->
        """.utf8
      )
    )
    #expect(readme.problem == nil)
    #expect(
      readme.commands.map(\.words) == [["python3", "plan.py", "two words", "and $one"], nil]
    )
    #expect(
      readme.claims == [
        .init(name: "ms", value: 3.1), .init(name: "a/b", value: 12), .init(name: "n", value: nil),
      ]
    )
    #expect(readme.links == ["x.md", "img/y.png", "https://example.org", "#part", "../out.md"])
    let files: Set = ["x.md", "img/z.png"]
    let problems = [
      "x.md", "img", "./img/../x.md", "y", "../x.md", "/etc/passwd", "img/../../x.md",
    ]
    .map { Readme.problem(ofLink: $0, files: files) ?? "" }
    #expect(problems == ["", "", "", "missing", "outside", "outside", "outside"])
  }

  @Test func whatALearnerBeginsWithPromisesNothing() throws {
    for language in ReportLanguage.allCases {
      let readme = Readme(Array(Readme.starter(lab, language).utf8))
      #expect(readme.commands.isEmpty && readme.claims.isEmpty && readme.problem == nil)
      #expect(try grade(Readme.starter(lab, language)).documentation == nil)
    }
    // A workspace holds it, and the task beside it.
    let folder = try WorkFolder()
    let record = Workspace.Record(
      lab: "L18",
      tier: "basic",
      programming: "python",
      learner: "x",
      language: "en",
      course: courseFolder
    )
    let workspace = try Workspace(
      creating: folder.path + "/w",
      lab: lab,
      course: course,
      record: record,
      language: .english
    )
    let names = try Submission(folder: workspace.folder).files.map(\.name)
    #expect(names.contains("README.md") && !names.contains("TASK.md"))
    #expect(access(workspace.folder + "/TASK.md", R_OK) == 0)
  }

  @Test func numbersAreWorthWhatTheyRestOn() throws {
    let measure = """
      import glob, json
      print("plans =", len(glob.glob("out/*/plan.json")))
      print('"tensors": %d,' % sum(len(json.load(open(f))["offsets"]) for f in glob.glob("out/*/plan.json")))
      print("recited = 1.25")
      """
    let seen = try documentation(
      block("python3 plan.py", "python3 measure.py", "echo echoed = 42", "cat table.txt")
        + """
        4<!-- claim plans -->, 1<!-- claim tensors -->, 1.25<!-- claim recited -->, 42<!-- claim echoed -->, 9<!-- claim kept -->,
        0<!-- claim chain/overlaps -->, 3<!-- claim chain/bytes/lower-bound -->, 5<!-- claim nowhere -->, [plan](plan.py)
        """,
      [("measure.py", measure), ("table.txt", "kept = 9\n")]
    )
    #expect(seen.commands.map(\.ending) == ["exit 0", "exit 0", "exit 0", "exit 0"])
    func number(_ name: String) throws -> Verdict.Documentation.Number {
      try #require(seen.numbers.first { $0.name == name })
    }
    // Computed by a command, on the four public cases of the quick check.
    #expect(try number("plans").trust == .consistent && number("plans").holds)
    #expect(try number("tensors").trust == .consistent && !number("tensors").holds)
    // Ready-made in a file or a command: recited.
    for name in ["recited", "echoed", "kept"] {
      #expect(try number(name).trust == .reported, "\(name)")
    }
    // The grader's own.
    #expect(try number("chain/overlaps").trust == .rerun && number("chain/overlaps").holds)
    #expect(try number("chain/bytes/lower-bound").found.map { $0 >= 1 && $0 < 1.3 } == true)
    #expect(try !number("chain/bytes/lower-bound").holds)
    #expect(try number("nowhere").trust == .reported && number("nowhere").found == nil)
    let sum = DocumentationOutcome(seen)
    #expect(sum.text == "commands=4/4 links=1/1 T2=1 T1=1 T0=4 false=2")
    #expect(DocumentationOutcome(sum.text) == sum)
    // 0.4 + 0.2 + 0.4 × 1.5 / 8
    #expect(abs(sum.value - 0.675) < 1e-12)
  }

  /// A README that only echoes what it claims, spelled so that nobody sees it: T1 at best, and never "the same numbers".
  @Test func echoesAreNeverEnough() throws {
    let seen = try documentation(
      block("python3 -c \"print('m' + 's =', 1.5 * 2)\"") + "3<!-- claim ms -->"
    )
    #expect(seen.numbers.first?.trust == .consistent && seen.numbers.first?.holds == true)
    let value = DocumentationOutcome(seen).value
    let rubric = try #require(course.rubrics.first { $0.id == "e2" })
    #expect(abs(value - 0.8) < 1e-12 && rubric.level(value) == 2)
    #expect(rubric.level(1) == 3)
  }

  @Test func printsOfTheReadmeItselfProveNothing() throws {
    let seen = try documentation(
      block("cat README.md", "python3 plan.py") + "ms = 3<!-- claim ms -->"
    )
    // It is not there to be printed.
    #expect(seen.commands[0].ending == "exit 1" && seen.commands[1].ending == "exit 0")
    #expect(seen.numbers.first?.trust == .reported)
  }

  /// No shell is started for what only a shell understands.
  @Test(arguments: [
    "cat /etc/passwd > x", "echo $HOME", "yes | head", "true && true", "sleep 1 &", "ls *.py",
    "echo `id`", "echo $(id)", "cat <plan.py", "true; true", "echo 'open",
  ])
  func refusesShellWords(_ line: String) {
    #expect(Readme.words(line[...]) == nil)
  }

  @Test func shellsNeedStrongIsolation() throws {
    let seen = try documentation(block("sh -c \"exit 0\"", "true"), strong: false)
    #expect(seen.commands.map(\.ending) == ["no shell without strong isolation", "exit 0"])
    guard hasStrongIsolation else { return }
    #expect(try documentation(block("sh -c \"exit 3\"")).commands.map(\.ending) == ["exit 3"])
  }

  @Test func endsEndlessOutputAndHugeFiles() throws {
    let seen = try documentation(
      block("yes", "python3 -c 'open(\"big\", \"wb\").truncate(1 << 40)'", "absent-program", "true")
    )
    #expect(seen.commands[0].ending == "output limit")
    #expect(seen.commands[1].ending != "exit 0")
    #expect(seen.commands[2].ending == "could not be started")
    #expect(seen.commands[3].ending == "exit 0")
  }

  @Test(.enabled(if: hasStrongIsolation)) func survivesAForkBomb() throws {
    let mark = "85\(Int.random(in: 1_000_000...9_999_999))"
    let start = ContinuousClock.now
    let seen = try documentation(
      block("sh -c 'b() { sleep \(mark) & b & b & }; b; sleep 1; exit 0'", "true")
    )
    #expect(seen.commands.last?.ending == "exit 0")
    #expect(ContinuousClock.now - start < .seconds(60))
    #expect(Self.processes(with: mark) == 0)
  }

  @Test(.enabled(if: hasStrongIsolation)) func readsNoSecretsAndReachesNoNetwork() throws {
    let secret = try WorkFolder()
    try secret.write("seed-of-everything", "secret")
    let program = """
      import socket
      for path in ["\(secret.path)/secret", "\(courseFolder)/course.yaml"]:
          try:
              print("leaked =", len(open(path).read()))
          except OSError:
              print("refused")
      try:
          socket.create_connection(("192.0.2.1", 80), 1)
          print("online = 1")
      except OSError:
          pass
      """
    let verdict = try grade(
      block("python3 spy.py") + "18<!-- claim leaked -->1<!-- claim online -->",
      [("spy.py", program)],
      hidden: [secret.path]
    )
    let seen = try #require(verdict.documentation)
    #expect(seen.commands.first?.ending == "exit 0")
    #expect(seen.numbers.allSatisfy { $0.found == nil && $0.trust == .reported })
  }

  @Test func doesNotReadWhatIsTooMuch() throws {
    let huge = String(repeating: "[a](b) 1<!-- claim x -->\n", count: 20_000)
    #expect(Readme(Array(huge.utf8)).problem != nil)
    #expect(try documentation(huge).commands.isEmpty)
    #expect(Readme([0x60, 0xFF, 0xFE]).problem != nil)
    let many = Readme(Array(block(String(repeating: "true\n", count: 13)).utf8))
    #expect(many.problem != nil && many.commands.isEmpty)
    // Nothing takes longer than its length: no nesting, no backtracking.
    let start = ContinuousClock.now
    for text in ["](", "<!-- claim ", "[]: ", "`", "```run\n", "1<!-- claim a -->"] {
      let count = Readme.byteLimit / text.utf8.count
      _ = Readme(Array(String(repeating: text, count: count).utf8))
    }
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  /// A submission that spoils the ground for its README spoils nothing else, and costs an attempt as ever.
  @Test func foldersInTheWayAreTheReadmesOwnFault() throws {
    let seen = try documentation(block("true"), [("in", "a file where cases should be")])
    #expect(seen.problem != nil && DocumentationOutcome(seen).value == 0)
  }

  @Test func isSaidInBothLanguages() throws {
    let verdict = try grade(block("false") + "3<!-- claim x --> [a](b)")
    for language in ReportLanguage.allCases {
      let lines = VerdictText(course: course, lab: lab, language: language).documentation(verdict)
      #expect(lines.count == 4 && lines.allSatisfy { $0.hasPrefix("README.md") })
    }
  }

  private static func processes(with word: String) -> Int {
    (try? Folder.folders(in: "/proc").count { name in
      guard Int(name) != nil,
        let bytes = try? MappedFile.contents(of: "/proc/\(name)/cmdline", limit: 1 << 16)
      else { return false }
      return String(decoding: bytes, as: UTF8.self).contains(word)
    }) ?? -1
  }
}
