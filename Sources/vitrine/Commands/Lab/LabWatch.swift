import ArgumentParser
import Diagnostics
import Files
import Glibc
import Labs
import Reports

/// `vitrine lab watch`: an answer whenever a file is saved.
struct LabWatch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Runs the quick checks whenever a file of yours changes; Ctrl-C ends it.",
    discussion: """
      EXAMPLES
        vitrine lab watch
        vitrine lab watch --once        check now and end
      """
  )

  @Flag(name: .long, help: "Check once, and end with the exit code of the check.")
  var once = false

  @OptionGroup var place: WorkspaceOption
  @OptionGroup var options: LabOptions

  func run() throws {
    var session = try LabSession(options, folder: place.folder)
    var last = ""
    while true {
      let stamp = session.workspace.stamp
      if stamp != last {
        last = stamp
        // A text of the course may have changed too, where its author is at work.
        session = (try? LabSession(options, folder: place.folder)) ?? session
        let isPassed = show(session)
        if once { throw ExitCode(isPassed ? 0 : 1) }
        Terminal.print(
          Style.dim(
            session.language == .chinese
              ? "\n等待保存…（Ctrl-C 结束）\n" : "\nwaiting for a change … (Ctrl-C ends)\n"
          )
        )
      }
      usleep(150_000)
    }
  }

  private func show(_ session: LabSession) -> Bool {
    do {
      let verdict = try session.grader.practise(session.workspace.folder, quick: true)
      if options.common.json {
        try JSONOutput.print(verdict)
      } else {
        Terminal.print(verdict.text(session.words))
      }
      return verdict.isPassed
    } catch {
      // A file that is half saved must not end the watch.
      Terminal.warn((error as? DeployError)?.description ?? "\(error)")
      return false
    }
  }
}

/// `vitrine lab export`: grades for other systems.
struct LabExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a verdict in the form of another system.",
    discussion: """
      Formats: gradescope (results.json), autolab (the last line of standard output), canvas and moodle (CSV, one row per
      verdict, for import into the gradebook).

      EXAMPLES
        vitrine lab export gradescope verdict.json -o results.json
        vitrine lab export autolab verdict.json
        vitrine lab export canvas */verdict.json --assignment "L03 (1234)" --student "Zhang San,4711"
      """
  )

  @Argument(help: "gradescope, autolab, canvas or moodle.")
  var format: GradeExport.Format

  @Argument(help: "Verdicts.", completion: .file(extensions: ["json"]))
  var verdicts: [String]

  @Option(name: .shortAndLong, help: "The file to write; standard output by default.")
  var output: String?

  @Option(name: .long, help: "The column of the gradebook (canvas, moodle).")
  var assignment = "Lab"

  @Option(
    name: .long,
    help:
      "For canvas and moodle, once per verdict and in their order: the name and the identifier, by a comma."
  )
  var student: [String] = []

  @OptionGroup var options: LabOptions

  func validate() throws {
    if format == .gradescope || format == .autolab, verdicts.count != 1 {
      throw ValidationError("\(format.rawValue) takes one verdict")
    }
    if format == .canvas || format == .moodle, student.count != verdicts.count {
      throw ValidationError("give --student \"NAME,IDENTIFIER\" once for each verdict")
    }
  }

  func run() throws {
    let course = try Course(path: options.coursePath())
    let export = GradeExport(course: course, language: options.language())
    let documents = try verdicts.map { try Verdict(path: $0) }
    let state = try options.state()
    for (path, verdict) in zip(verdicts, documents) where !state.hasSigned(verdict) {
      Terminal.warn("warning: \(path) is not signed by this machine's grader, or was changed since")
    }
    for (path, verdict) in zip(verdicts, documents)
    where verdict.mode != Grader.Mode.submit.rawValue || !verdict.counts {
      Terminal.warn("warning: \(path) does not count as an attempt (\(verdict.mode))")
    }
    let text = try export.text(format, documents, assignment: assignment, students: student)
    guard let output else { return Terminal.print(text, terminator: "") }
    try AtomicFile.write(text, to: output)
    if !options.common.json { Terminal.print("Wrote \(Style.bold(output))") }
  }
}

extension GradeExport.Format: ExpressibleByArgument {}

/// `vitrine lab course`: for authors.
struct LabCourse: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "course",
    abstract: "For authors: reads the course, proves its labs, and makes a copy for learners.",
    subcommands: [LabCourseCheck.self, LabCourseBundle.self]
  )
}

/// `vitrine lab course bundle`: a course without solutions.
struct LabCourseBundle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Makes a copy of the course for learners: the same checks, no solutions.",
    discussion: """
      Starters are cut down to the levels that the tiers give; mutants and alternates are left out. Explanations of
      why-questions and hints are in it, since the commands show them. The sample network comes along.

      EXAMPLES
        vitrine lab course bundle -o course-for-learners
        vitrine lab start L03 --course course-for-learners
      """
  )

  @Option(name: .shortAndLong, help: "The folder to make.", completion: .directory)
  var output: String

  @OptionGroup var options: LabOptions

  func run() throws {
    let course = try Course(path: options.coursePath())
    let summary = try CourseBundle(course).write(to: output)
    guard !options.common.json else { return try JSONOutput.print(summary) }
    Terminal.print(
      "Wrote \(Style.bold(summary.folder)): \(summary.labs) labs, \(summary.files) files, \(summary.bytes / 1000) kB"
    )
  }
}

/// `vitrine lab course check`: the author's gate.
struct LabCourseCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Proves each lab: starter fails, solution passes, every mutant is caught and named.",
    discussion: """
      The solution is tried on 20 seeds, in Python and in Swift, each mutant on 5; --short tries each program once. Exit code 1
      where a lab is not proved.

      EXAMPLES
        vitrine lab course check
        vitrine lab course check L03 --short
      """
  )

  @Argument(help: "Labs; all by default.")
  var labs: [String] = []

  @Flag(name: .long, help: "Each program once.")
  var short = false

  @OptionGroup var options: LabOptions

  func run() throws {
    let course = try Course(path: options.coursePath())
    let chosen = try labs.map { name in
      guard let lab = course.lab(name) else { throw ValidationError("there is no lab \(name)") }
      return lab
    }
    var gate = CourseGate(course: course, effort: short ? .short : CourseGate.Effort())
    gate.tools = LabOptions.tools
    let rows = try (chosen.isEmpty ? course.labs : chosen).map {
      try gate.prove($0, progress: options.common.progress)
    }
    if options.common.json {
      try JSONOutput.print(rows)
    } else {
      Terminal.print(CourseGate.text(rows))
    }
    if rows.contains(where: { !$0.isPassed }) { throw ExitCode(1) }
  }
}

extension CourseGate {
  private static func text(_ result: Translation) -> String {
    result.skipped == nil ? "\(result.solutionPasses)/\(result.seeds)" : "not tried"
  }

  /// The table of labs × seeds × mutants, then every problem.
  fileprivate static func text(_ rows: [Row]) -> String {
    var table = Table(
      [
        "lab", "solution", "alternates", "mutants", "caught", "diagnosed", "in Swift", "slowest",
        "",
      ],
      numeric: [1, 2, 3, 4, 5, 6, 7]
    )
    for row in rows {
      let rate = row.diagnosisRate.map {
        "\(row.diagnosed)/\(row.diagnosable) (\(decimal($0 * 100, 0)) %)"
      }
      table.add([
        row.lab, "\(row.solutionPasses)/\(row.seeds)", "\(row.alternatesPassed)/\(row.alternates)",
        "\(row.mutants)", "\(row.mutantsCaught)/\(row.mutantRuns)", rate ?? "–",
        row.translations.map(Self.text).joined(separator: ", "), "\(decimal(row.slowest, 2)) s",
        row.isPassed ? Style.green("proved") : Style.red("not proved"),
      ])
    }
    let skipped = Set(
      rows.flatMap(\.translations).compactMap { result in
        result.skipped.map { "not tried: starters in \(result.programming): \($0)" }
      }
    )
    let problems = rows.flatMap { row in row.problems.map { "\(row.lab): \($0)" } }
    return ([table.text] + skipped.sorted() + problems).joined(separator: "\n")
  }
}
