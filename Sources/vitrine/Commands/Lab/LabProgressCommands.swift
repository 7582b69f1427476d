public import ArgumentParser
import Labs
public import Reports

/// `vitrine lab list`: every lab of the course.
struct LabList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the labs, what each is about, and where you stand.",
    discussion: """
      EXAMPLES
        vitrine lab list
        vitrine lab list --language zh
      """
  )

  @OptionGroup var options: LabOptions

  func run() throws {
    let course = try Course(path: options.coursePath())
    let progress = try options.progress(course)
    guard !options.common.json else { return try JSONOutput.print(progress) }
    let language = options.language()
    let isChinese = language == .chinese
    Terminal.print(Style.bold(course.names[language]))
    for stage in course.stages {
      let labs = course.labs.filter { $0.stage == stage.id }
      guard !labs.isEmpty else { continue }
      Terminal.print("\n" + Style.bold(stage.names[language]))
      var table = Table(
        isChinese ? ["", "实验", "标题", "分钟", "最好"] : ["", "lab", "title", "minutes", "best"]
      )
      for lab in labs {
        let standing = progress.standings.first { $0.lab == lab.id }
        let minutes = lab.tiers.map { "\($0.minutes)" }.joined(separator: "/")
        let best = standing.map { $0.attempts > 0 ? "\($0.best)/\($0.max)" : "–" } ?? "–"
        let mark = standing?.isPassed == true ? Style.green("✓") : Style.dim("·")
        table.add([mark, lab.id, lab.names[language], minutes, best])
      }
      Terminal.print(table.text)
    }
  }
}

/// `vitrine lab next`: what to do now.
struct LabNext: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next",
    abstract: "Says which labs to take next, and why.",
    discussion: """
      EXAMPLES
        vitrine lab next
      """
  )

  @OptionGroup var options: LabOptions

  private struct Item: Encodable {
    var lab: String
    var missing: [String]
  }

  func run() throws {
    let course = try Course(path: options.coursePath())
    let next = try options.progress(course).next(course)
    guard !options.common.json else {
      return try JSONOutput.print(next.map { Item(lab: $0.lab.id, missing: $0.missing) })
    }
    let language = options.language()
    let isChinese = language == .chinese
    if next.isEmpty { Terminal.print(isChinese ? "全部实验都已通过。" : "Every lab is passed.") }
    for (lab, missing) in next {
      Terminal.print("\(Style.bold(lab.id)) \(lab.names[language]): \(lab.summary[language])")
      let names = missing.compactMap { course.concept($0)?.names[language] }
      if names.isEmpty {
        Terminal.print("    vitrine lab start \(lab.id)")
      } else {
        let list = names.joined(separator: isChinese ? "、" : ", ")
        Terminal.print(isChinese ? "    最好先学：\(list)" : "    better after: \(list)")
      }
    }
  }
}

/// `vitrine lab status`: attempts and points of every lab.
struct LabStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows attempts and points, computed from the log, whose chain is checked.",
    discussion: """
      EXAMPLES
        vitrine lab status
        vitrine lab status --json
      """
  )

  @OptionGroup var options: LabOptions

  func run() throws {
    let course = try Course(path: options.coursePath())
    let progress = try options.progress(course)
    guard !options.common.json else { return try JSONOutput.print(progress) }
    let isChinese = options.language() == .chinese
    var table = Table(
      isChinese ? ["实验", "次数", "最好", "通过的级别"] : ["lab", "attempts", "best", "passed at"],
      numeric: [1]
    )
    for standing in progress.standings {
      table.add([
        standing.lab, "\(standing.attempts)", "\(standing.best)/\(standing.max)",
        standing.tiers.isEmpty ? "–" : standing.tiers.joined(separator: ", "),
      ])
    }
    Terminal.print(table.text)
  }
}

extension LabOptions {
  /// Where this learner stands.
  func progress(_ course: Course) throws -> LabProgress {
    LabProgress(
      course,
      learner: LabState.learnerID(learnerName()),
      events: try state().log.events()
    )
  }
}

/// `vitrine lab hint`: help in steps.
struct LabHint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hint",
    abstract: "Gives the next step of help: a question, a measurement, an example, a repair.",
    discussion: """
      Each step opens after enough checks; the third asks you to say first what you think is wrong.

      EXAMPLES
        vitrine lab hint
        vitrine lab hint --think "the border is too small by one row"
      """
  )

  @Option(name: .long, help: "What you think is wrong, in a sentence.")
  var think: String?

  @OptionGroup var place: WorkspaceOption
  @OptionGroup var options: LabOptions

  func run() throws {
    let session = try LabSession(options, folder: place.folder)
    let state = try options.state()
    let since = try state.log.events().filter {
      $0.lab == session.lab.uuid && $0.learner == session.learner
    }.reversed().prefix { $0.type != "started" }
    let given = since.count { $0.type == "hinted" }
    let attempts = since.count { $0.type == "checked" || $0.type == "graded" }
    let isChinese = session.language == .chinese
    switch HintGate.next(session.lab, given: given, attempts: attempts, thought: think) {
    case .hint(let step, let text):
      var data = ["step": "\(step)"]
      if let think { data["thought"] = String(think.prefix(500)) }
      try state.log.append("hinted", lab: session.lab.uuid, learner: session.learner, data)
      guard !options.common.json else {
        return try JSONOutput.print(["hint": text[session.language]])
      }
      Terminal.print(text[session.language])
    case .attemptsNeeded(let count):
      try refuse(
        isChinese
          ? "先再检查 \(count) 次（vitrine lab check），才有下一步提示。"
          : "Check \(count) more time\(count == 1 ? "" : "s") first (vitrine lab check)."
      )
    case .thoughtNeeded:
      try refuse(
        isChinese
          ? "先用一句话说说你认为哪里错了：vitrine lab hint --think \"……\""
          : "First say in a sentence what you think is wrong: vitrine lab hint --think \"…\""
      )
    case .exhausted:
      try refuse(
        isChinese
          ? "提示已经给完了。用 vitrine lab replay 看一个反例，再读一遍 TASK.md 的规则。"
          : "That was all the help there is. Look at a witness with vitrine lab replay, and read the rules again."
      )
    }
  }

  private func refuse(_ text: String) throws {
    if options.common.json {
      try JSONOutput.print(["hint": nil, "reason": text])
    } else {
      Terminal.print(text)
    }
  }
}

/// `vitrine lab explain`: a verdict in words.
struct LabExplain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Says a verdict again in words, and whether it is signed and unchanged.",
    discussion: """
      Exit code 1 where the signature does not hold.

      EXAMPLES
        vitrine lab explain
        vitrine lab explain verdict.json --language zh
      """
  )

  @Argument(help: "The verdict; verdict.json in the lab's folder by default.")
  var verdict: String?

  @OptionGroup var place: WorkspaceOption
  @OptionGroup var options: LabOptions

  func run() throws {
    let session = try LabSession(options, folder: place.folder)
    let path = verdict ?? session.workspace.folder + "/verdict.json"
    let document = try Verdict(path: path)
    let isSigned = try options.state().hasSigned(document)
    if options.common.json {
      try JSONOutput.print(["signed": isSigned])
    } else {
      Terminal.print(document.text(session.words))
      let isChinese = session.language == .chinese
      Terminal.print(
        isSigned
          ? Style.green("✓") + (isChinese ? " 签名有效，内容未被改动" : " signed by this grader, unchanged")
          : Style.red("✗")
            + (isChinese ? " 没有本评分器的有效签名" : " not signed by this grader, or changed since")
      )
    }
    if !isSigned { throw ExitCode(1) }
  }
}

extension ReportLanguage {
  /// `en`, `zh` or `zh-Hans`.
  public init?(argument: String) {
    self.init(rawValue: argument == "zh" ? "zh-Hans" : argument)
  }
}
