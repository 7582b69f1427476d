import ArgumentParser
import Diagnostics
import Files
import Glibc
import Labs
import Reports

/// `vitrine lab start`: a folder to work in.
struct LabStart: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Makes a folder with a lab's text and starter.",
    discussion: """
      EXAMPLES
        vitrine lab start L03
        vitrine lab start L03 --tier advanced --in-swift -o my-letterbox
        vitrine lab start L03 --scaffold 0        nothing but the specification
        vitrine lab start L03 --language zh
      """
  )

  @Argument(help: "The lab, such as L03.")
  var lab: String

  @Option(name: .long, help: "How much is given: basic, advanced or expert.")
  var tier: String?

  @Option(
    name: .long,
    help:
      "How much of the program is given, whatever the tier: 0 nothing, 1 the frame, 2 gaps, 3 all."
  )
  var scaffold: Int?

  @Flag(name: .customLong("in-swift"), help: "A starter in Swift instead of Python.")
  var isInSwift = false

  @Option(name: .shortAndLong, help: "The folder to make.", completion: .directory)
  var output: String?

  @OptionGroup var options: LabOptions

  func validate() throws {
    guard scaffold.map((0...3).contains) != false else {
      throw ValidationError("--scaffold must be 0 to 3")
    }
  }

  func run() throws {
    let course = try Course(path: options.coursePath())
    let language = options.language()
    guard let lab = course.lab(lab) else {
      throw ValidationError(
        "there is no lab \(lab); there are \(course.labs.map(\.id).joined(separator: ", "))"
      )
    }
    guard let chosen = lab.tier(tier) else {
      throw ValidationError(
        "--tier must be one of \(lab.tiers.map(\.name).joined(separator: ", "))"
      )
    }
    let folder = output ?? lab.folderName
    let record = Workspace.Record(
      lab: lab.id,
      tier: chosen.name,
      programming: isInSwift ? "swift" : "python",
      learner: options.learnerName(),
      language: language.rawValue,
      course: absolute(course.path),
      scaffold: scaffold
    )
    let workspace = try Workspace(
      creating: folder,
      lab: lab,
      course: course,
      record: record,
      language: language
    )
    let learner = LabState.learnerID(record.learner)
    try options.state().log.append(
      "started",
      lab: lab.uuid,
      learner: learner,
      ["tier": chosen.name]
    )
    let isChinese = language == .chinese
    if isInSwift, !SwiftCompiler.isInstalled {
      Terminal.warn(
        isChinese
          ? "警告：本机没有 Swift 编译器（PATH 里找不到 swiftc）。起始代码已放好，但要装上 Swift 才能检查（swift.org/install）；不想装就不加 --in-swift，用 Python。"
          : "warning: there is no Swift compiler here (no swiftc in PATH). The starter is there, but checking it needs Swift (swift.org/install); without --in-swift you get Python."
      )
    }
    guard !options.common.json else { return try JSONOutput.print(record) }
    Terminal.print(
      "\(Style.green("✓")) \(Style.bold(lab.id)) \(lab.names[language]) → \(workspace.folder)"
    )
    Terminal.print("  " + lab.summary[language])
    Terminal.print(
      isChinese
        ? "  大约 \(chosen.minutes) 分钟。先读 TASK.md，再运行：cd \(folder) && vitrine lab watch"
        : "  About \(chosen.minutes) minutes. Read TASK.md, then: cd \(folder) && vitrine lab watch"
    )
  }

  private func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// `vitrine lab check`: every check on practice cases.
struct LabCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Grades your program on practice cases, the same each time.",
    discussion: """
      Exit code 1 where a check fails.

      EXAMPLES
        vitrine lab check
        vitrine lab check --quick
        vitrine lab check --json
      """
  )

  @Flag(name: .long, help: "Only a few cases, within a second.")
  var quick = false

  @OptionGroup var place: WorkspaceOption
  @OptionGroup var options: LabOptions

  func run() throws {
    let session = try LabSession(options, folder: place.folder)
    let verdict = try session.grader.practise(session.workspace.folder, quick: quick)
    try options.state().log.append(
      "checked",
      lab: session.lab.uuid,
      learner: session.learner,
      ["points": "\(verdict.score.points)", "mode": verdict.mode]
    )
    try session.finish(verdict, json: options.common.json)
  }
}

/// `vitrine lab submit`: graded on new cases, signed.
struct LabSubmit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Grades your program on cases drawn for this attempt, and signs the verdict.",
    discussion: """
      Your files are taken first; then a seed, whose digest was written into the log before, gives the cases. The
      verdict goes to verdict.json. Where the course has reviews (course.yaml), what you submit may be shown to others, without your name.

      A README.md in the folder is run, too, for the assessment's criterion of documentation: commands in blocks marked `run`, numbers before
      <!-- claim NAME -->, links. The one that `lab start` wrote says how. It never changes the points.

      EXAMPLES
        vitrine lab submit
        vitrine lab submit --json
      """
  )

  @OptionGroup var place: WorkspaceOption
  @OptionGroup var options: LabOptions

  func run() throws {
    let session = try LabSession(options, folder: place.folder)
    let verdict = try session.grader.submit(session.workspace.folder, state: options.state())
    let path = session.workspace.folder + "/verdict.json"
    try AtomicFile.write(try verdict.json(), to: path)
    try session.finish(verdict, json: options.common.json)
  }
}

/// `vitrine lab replay`: one case, looked at.
struct LabReplay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Runs one case again and keeps what was read, answered and right.",
    discussion: """
      The files go to witness/ in the lab's folder: in/, out/, expected/, and difference.png where there is something to see.
      A case of the last submission is replayed with --submitted.

      EXAMPLES
        vitrine lab replay parity/3
        vitrine lab replay parity/3 --submitted
      """
  )

  @Argument(help: "The case, as a check has printed it.")
  var id: String

  @Flag(name: .long, help: "The case of the last submission, by the seed in verdict.json.")
  var submitted = false

  @OptionGroup var place: WorkspaceOption
  @OptionGroup var options: LabOptions

  func run() throws {
    let session = try LabSession(options, folder: place.folder)
    var seed = VariantSeed(publicFor: session.lab.uuid, learner: session.learner)
    if submitted {
      let verdict = try Verdict(path: session.workspace.folder + "/verdict.json")
      guard let stated = VariantSeed(hex: verdict.variant.seed) else {
        throw ValidationError("verdict.json holds no seed")
      }
      seed = stated
    }
    let replay = try session.grader.replay(id, seed: seed, in: session.workspace.folder)
    if !options.common.json {
      for file in replay.files {
        Terminal.print("  " + file.dropFirst(session.workspace.folder.count + 1))
      }
    }
    try session.finish(replay.verdict, json: options.common.json)
  }
}

/// `vitrine lab reset`: the starter as it was.
struct LabReset: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Puts the starter back; your files of the same names are kept with .old at the end.",
    discussion: """
      EXAMPLES
        vitrine lab reset
      """
  )

  @OptionGroup var place: WorkspaceOption
  @OptionGroup var options: LabOptions

  func run() throws {
    let session = try LabSession(options, folder: place.folder)
    let kept = try session.workspace.reset(session.lab, session.language)
    guard !options.common.json else { return try JSONOutput.print(kept) }
    for name in kept { Terminal.print("\(name) → \(name).old") }
  }
}
