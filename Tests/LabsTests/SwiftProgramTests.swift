import Diagnostics
import Files
import Glibc
import Reports
import Testing

@testable import Labs

/// Programs in Swift: starters, the compiler under attack, and what learners are told.
@Suite(.serialized, .enabled(if: SwiftCompiler.isInstalled)) struct SwiftProgramTests {
  /// A bench with some files handed in.
  private func bench(_ files: [(name: String, text: String)], strong: Bool) throws -> (
    Workbench, Submission
  ) {
    let submission = Submission(
      files: files.map { .init(name: $0.name, bytes: Array($0.text.utf8), isExecutable: false) }
    )
    let bench = Workbench(
      folder: try TemporaryFolder(),
      limits: RunLimits(),
      hidden: [],
      startsStrong: strong
    )
    try submission.write(to: bench.path + "/program")
    bench.handOver()
    return (bench, submission)
  }

  @Test(arguments: IsolationTests.levels) func compilesOnceAndLeavesNothing(_ strong: Bool) throws {
    let mark = Int.random(in: 0..<1 << 40)
    let files = [
      ("plan.swift", "@main struct P { static func main() { print(\(mark)) } }"), ("b.swift", ""),
    ]
    for round in 0..<2 {
      let (bench, submission) = try bench(files, strong: strong)
      let command = try #require(try submission.command(of: "plan", among: ["plan"]))
      guard case .compile(let sources, let digest) = command else {
        Issue.record("'plan.swift' is to be compiled")
        return
      }
      #expect(sources == ["b.swift", "plan.swift"])
      #expect((SwiftCompiler.program(digest) != nil) == (round == 1))
      let (words, failure) = try bench.prepare(command)
      #expect(failure == nil)
      #expect(!Folder.exists(bench.path + "/modules"))
      #expect(try bench.run(words).output == "\(mark)\n")
    }
    // Anything else handed in makes it another program.
    let (_, other) = try bench(files + [("c.txt", "")], strong: strong)
    guard case .compile(_, let digest) = try other.command(of: "plan", among: ["plan"]) else {
      Issue.record("'plan.swift' is to be compiled")
      return
    }
    #expect(SwiftCompiler.program(digest) == nil)
  }

  /// A type of 2⁴¹ numbers keeps the compiler busy for ever.
  @Test func stopsABombInTheCompiler() throws {
    var source = "typealias T0 = (Int, Int)\n"
    for depth in 1...40 { source += "typealias T\(depth) = (T\(depth - 1), T\(depth - 1))\n" }
    source += "print(MemoryLayout<T40>.size)\n"
    var (bench, submission) = try bench([("plan.swift", source)], strong: hasStrongIsolation)
    bench.compilerLimits.wallSeconds = 3
    let start = ContinuousClock.now
    let failure = try bench.prepare(
      try #require(try submission.command(of: "plan", among: ["plan"]))
    ).failure
    #expect(failure?.ending != nil && failure?.ending != .exited(1))
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  /// Code that runs inside the compiler comes from the compiler's folders, not from what was handed in.
  @Test func loadsNoMacroOfTheLearner() throws {
    let source = """
      @freestanding(expression) macro evil() -> Int = #externalMacro(module: "Evil", type: "Evil")
      print(#evil)
      """
    let files = [
      ("plan.swift", source), ("libEvil.so", "evil"),
      ("Evil", "#!/bin/sh\ntouch hacked\n"),
      ("Evil.swiftmodule", "evil"),
    ]
    let (bench, submission) = try bench(files, strong: hasStrongIsolation)
    let failure = try bench.prepare(
      try #require(try submission.command(of: "plan", among: ["plan"]))
    ).failure
    #expect(failure?.ending == .exited(1))
    #expect(failure?.errors.contains("Evil") == true)
    #expect(access(bench.path + "/hacked", F_OK) != 0)
  }

  /// Neither another module nor C's headers are found beside the sources.
  @Test func readsNoModuleBesideTheSources() throws {
    let files = [
      ("plan.swift", "import Secret\nprint(secret)"),
      ("module.modulemap", "module Secret { header \"s.h\" }"),
      ("s.h", "static int secret = 1;"),
    ]
    let (bench, submission) = try bench(files, strong: hasStrongIsolation)
    let failure = try bench.prepare(
      try #require(try submission.command(of: "plan", among: ["plan"]))
    ).failure
    #expect(failure?.errors.contains("no such module 'Secret'") == true)
  }

  @Test func saysWhatTheCompilerSays() throws {
    let course = try Course(path: courseFolder)
    let lab = try #require(course.lab("L18"))
    let work = try WorkFolder()
    try work.write("let offset: Int = \"zero\"\n", "plan.swift")
    let grader = Grader(course: course, lab: lab, tier: lab.tiers[0], learner: "test")
    let verdict = try grader.practise(work.path, quick: true)
    #expect(
      verdict.checks.allSatisfy { $0.status == .error && $0.message?.id == "run.not-compiled" }
    )
    let words = VerdictText(course: course, lab: lab, language: .chinese)
    let lines = words.parts(verdict)[0].lines
    #expect(lines[1] == "编译器说：")
    #expect(lines[2].hasPrefix("  │ plan.swift:1:19: error: "), "\(lines)")
  }

  /// What the short gate leaves out: every fade of every lab is a program.
  @Test func everyScaffoldCompiles() throws {
    let course = try Course(path: courseFolder)
    // All in one folder, so that what the compiler makes of C's headers is made once.
    let (bench, _) = try bench([("a.swift", "")], strong: hasStrongIsolation)
    for lab in course.labs {
      #expect(lab.starterLanguages == ["python", "swift"], "\(lab.id)")
      for scaffold in 1...3 {
        let files = try StarterFiles(lab, "swift").rendered(scaffold, .chinese)
        let folder = "\(lab.id)-\(scaffold)"
        try Submission(files: files).write(to: "\(bench.path)/\(folder)")
        let programs = Set(lab.slots.map { "\($0.name).swift" })
        for program in programs {
          let parts = files.map(\.name).filter { $0 == program || !programs.contains($0) }
          #expect(parts.contains(program), "\(lab.id)")
          let outcome = try bench.run(
            [SwiftCompiler.name, "-typecheck", "-module-cache-path", "modules"]
              + parts.map { "\(folder)/\($0)" },
            limits: SwiftCompiler.limits
          )
          #expect(outcome.ending == .exited(0), "\(folder), \(program): \(outcome.errors)")
        }
      }
    }
  }

  @Test func helpersComeWithThoseWhoNameThem() throws {
    let course = try Course(path: courseFolder)
    func names(_ lab: String, _ programming: String) throws -> Set<String> {
      Set(try StarterFiles(try #require(course.lab(lab)), programming).files.map(\.name))
    }
    #expect(try names("L18", "swift") == ["plan.swift", "TensorIO.swift"])
    #expect(try names("L07", "swift") == ["export.swift", "TensorIO.swift", "ONNXFile.swift"])
    #expect(try names("L18", "python") == ["plan.py", "tensor_io.py"])
    #expect(try names("L06", "python") == ["timing.py", "tensor_io.py", "talk.py"])
  }
}
