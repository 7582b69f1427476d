import ArgumentParser
import Files
import Glibc
import Labs
import Reports

/// `vitrine lab`: learning by doing, graded on real artifacts.
struct LabCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract: "A course in deploying detectors: do the work, and have it graded at once.",
    discussion: """
      A lab is a folder with a text, a program with gaps, and a grader. Programs may be written in any language; starters come in
      Python (its standard library suffices) and in Swift (lab start --in-swift). Everything works without a network and without a GPU.

      EXAMPLES
        vitrine lab list                     what there is, and where you stand
        vitrine lab start L03                make the folder of a lab
        vitrine lab watch                    quick checks whenever a file is saved
        vitrine lab check                    every check, on practice cases
        vitrine lab replay parity/3          look at one case
        vitrine lab hint                     help, in steps
        vitrine lab submit                   graded on cases drawn for this attempt, signed
        vitrine lab serve                    all of it in a browser, for one or for a class

      EXIT CODES
        0 every check passed · 1 a check failed · 64 wrong usage · 70 an error
      """,
    subcommands: [
      LabList.self, LabStart.self, LabNext.self, LabCheck.self, LabWatch.self, LabReplay.self,
      LabHint.self, LabExplain.self, LabSubmit.self, LabStatus.self, LabReset.self,
      LabExport.self, LabWhy.self, LabCourse.self, LabServe.self, LabUser.self, LabReport.self,
      LabRebuild.self, LabReview.self, LabData.self,
    ]
  )
}

/// What every command of the lab takes.
struct LabOptions: ParsableArguments {
  @Option(name: .long, help: "The language of texts and messages: en or zh (zh-Hans).")
  var language: ReportLanguage?

  @Option(name: .long, help: "The course's folder.", completion: .directory)
  var course: String?

  @Option(name: .long, help: "Who is learning, where several share this account.")
  var learner: String?

  @OptionGroup var common: OutputOptions

  /// The course's folder: as given, from `VITRINE_COURSE`, or of the checkout.
  func coursePath(_ workspace: Workspace? = nil) -> String {
    if let course { return course }
    if let stated = getenv("VITRINE_COURSE"), stated.pointee != 0 {
      return String(cString: stated)
    }
    if let workspace, Folder.exists(workspace.record.course) { return workspace.record.course }
    if let checkout = Cache.checkout, Folder.exists(checkout + "/Course") {
      return checkout + "/Course"
    }
    return "Course"
  }

  /// As given, as the workspace says, or as the user's environment does.
  func language(_ workspace: Workspace? = nil) -> ReportLanguage {
    if let language { return language }
    if let workspace { return ReportLanguage(rawValue: workspace.record.language) ?? .english }
    let names: [String] = ["LC_ALL", "LC_MESSAGES", "LANG"]
    let values: [String] = names.compactMap { name in getenv(name).map { String(cString: $0) } }
    let locale = values.first { !$0.isEmpty }
    return locale?.hasPrefix("zh") == true ? .chinese : .english
  }

  func learnerName(_ workspace: Workspace? = nil) -> String {
    learner ?? workspace?.record.learner ?? "local"
  }

  /// The secret, the key and the log of this machine's grader.
  func state() throws -> LabState { try LabState(folder: Self.stateFolder) }

  static var stateFolder: String { DataFolder.path + "/lab" }

  /// Where this executable lies, which some labs' programs call.
  static var tools: String? {
    guard let path = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(path) }
    let text = String(cString: path)
    return text.lastIndex(of: "/").map { String(text[..<$0]) }
  }
}

/// A lab's folder, the lab, and the course that it comes from.
struct LabSession {
  let workspace: Workspace
  let course: Course
  let lab: Lab
  let tier: Lab.Tier
  let language: ReportLanguage
  let learner: String

  init(_ options: LabOptions, folder: String) throws {
    workspace = try Workspace(at: folder)
    course = try Course(path: options.coursePath(workspace))
    guard let lab = course.lab(workspace.record.lab), let tier = lab.tier(workspace.record.tier)
    else {
      throw ValidationError("the course has no lab \(workspace.record.lab) at this tier any more")
    }
    (self.lab, self.tier) = (lab, tier)
    language = options.language(workspace)
    learner = LabState.learnerID(options.learnerName(workspace))
  }

  var grader: Grader {
    var grader = Grader(course: course, lab: lab, tier: tier, learner: learner)
    grader.version = Vitrine.configuration.version
    grader.hidden = [LabOptions.stateFolder]
    grader.tools = LabOptions.tools
    return grader
  }

  var words: VerdictText { VerdictText(course: course, lab: lab, language: language) }

  /// Prints a verdict, and says by the exit code whether every check passed.
  func finish(_ verdict: Verdict, json: Bool) throws {
    if json {
      Terminal.print(String(decoding: try verdict.json(), as: UTF8.self), terminator: "")
    } else {
      Terminal.print(verdict.text(words))
    }
    if !verdict.isPassed { throw ExitCode(1) }
  }
}

extension Verdict {
  /// The checks, what failed and why, and the sum.
  func text(_ words: VerdictText) -> String {
    var lines: [String] = []
    for part in words.parts(self) {
      lines.append("\(part.status.mark) \(Style.bold(part.heading))")
      lines += part.lines.map { "    \($0)" }
    }
    return (lines + [""] + words.summary(self)).joined(separator: "\n")
  }
}

extension Verdict.Status {
  var mark: String {
    switch self {
    case .pass: Style.green("✓")
    case .fail, .error: Style.red("✗")
    case .inconclusive, .unsupported, .infra: Style.yellow("?")
    }
  }
}

/// The folder that a command works in.
struct WorkspaceOption: ParsableArguments {
  @Option(name: .customLong("in"), help: "The lab's folder.", completion: .directory)
  var folder = "."
}
