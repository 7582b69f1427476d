import ArgumentParser
import Files
import Labs
import Reports
import Servers

/// `vitrine lab report`: the nine criteria.
struct LabReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Assesses a learner by nine criteria, computed from the log, each with its evidence.",
    discussion: """
      Each criterion: its figure from 0 to 1, the level that follows and what that means, the events of the log that it rests on,
      and how it is computed. With -o as a page that needs no server; evidence there leads to the event below.

      EXAMPLES
        vitrine lab report
        vitrine lab report --brief
        vitrine lab report --learner anna -o anna.html
        vitrine lab report --json
      """
  )

  @Option(name: .shortAndLong, help: "Write a page to this file.", completion: .file())
  var output: String?

  @Flag(name: .long, help: "The table only.")
  var brief = false

  @OptionGroup var data: LabDataOption
  @OptionGroup var options: LabOptions

  func run() throws {
    let course = try Course(path: options.coursePath())
    let language = options.language()
    let name = options.learnerName()
    let events = try EventLog(path: data.path + "/events.jsonl").events()
    let learner = LabState.learnerID(name)
    let assessment = AssessmentMaker(course: course, learner: learner, events: events).assessment()
    if let output {
      let page = AssessmentPage.document(
        assessment,
        course: course,
        name: name,
        language: language,
        events: events.filter { $0.learner == learner }
      )
      try AtomicFile.write(page, to: output)
    }
    guard !options.common.json else {
      return try JSONOutput.print(AssessmentDocument(assessment, course))
    }
    let text = AssessmentText(course: course, language: language)
    Terminal.print(text.table(assessment))
    if !brief {
      for criterion in assessment.criteria { Terminal.print("\n" + text.details(criterion)) }
    }
    if let output { Terminal.print("\n→ \(output)") }
  }
}

/// An assessment for programs: the criteria with their names, levels and explanations in both languages.
private struct AssessmentDocument: Encodable {
  struct Words: Encodable {
    var en: String
    var zhHans: String
    enum CodingKeys: String, CodingKey {
      case en
      case zhHans = "zh-Hans"
    }

    init(_ text: Localized) { (en, zhHans) = (text.english, text.chinese) }
  }
  /// A criterion with its words, beside what it is computed to.
  struct Described: Encodable {
    var criterion: Assessment.Criterion
    var rubric: Rubric
    enum CodingKeys: String, CodingKey {
      case name, howComputed, levels, level, levelMeans, links
    }

    func encode(to encoder: any Encoder) throws {
      try criterion.encode(to: encoder)
      var fields = encoder.container(keyedBy: CodingKeys.self)
      try fields.encode(Words(rubric.names), forKey: .name)
      try fields.encode(Words(rubric.explanation), forKey: .howComputed)
      // What levels 0 to 4 mean.
      try fields.encode(rubric.levels.map(Words.init), forKey: .levels)
      // The level that counts; absent without enough evidence.
      try fields.encodeIfPresent(criterion.level, forKey: .level)
      let meaning = criterion.level.map { Words(rubric.levels[min(4, max(0, $0))]) }
      try fields.encodeIfPresent(meaning, forKey: .levelMeans)
      // Where each piece of evidence stands.
      try fields.encode(criterion.evidence.map { "events.jsonl#\($0.event)" }, forKey: .links)
    }
  }
  var format: Int
  var learner: String
  var course: String
  var criteria: [Described]
  var dimensions: [Assessment.Dimension]
  var badge: String?

  init(_ assessment: Assessment, _ course: Course) {
    (format, learner) = (assessment.format, assessment.learner)
    (self.course, dimensions) = (assessment.course, assessment.dimensions)
    badge = assessment.badge
    criteria = assessment.criteria.compactMap { criterion in
      course.rubrics.first { $0.id == criterion.id }.map {
        Described(criterion: criterion, rubric: $0)
      }
    }
  }
}

/// An assessment in a terminal.
private struct AssessmentText {
  let course: Course
  let language: ReportLanguage

  private var isChinese: Bool { language == .chinese }

  func table(_ assessment: Assessment) -> String {
    var table = Table(
      isChinese ? ["", "标准", "数值", "等级", "依据"] : ["", "criterion", "value", "level", "evidence"],
      numeric: [2, 3, 4]
    )
    for criterion in assessment.criteria {
      let names = course.rubrics.first { $0.id == criterion.id }?.names
      let unknown = isChinese ? "证据不足" : "not enough evidence"
      let mark = criterion.override == nil ? "" : isChinese ? "（人工）" : " (by a person)"
      table.add([
        criterion.id.uppercased(), names?[language] ?? "",
        criterion.value.map { decimal($0, 2) } ?? "–",
        criterion.level.map { "\($0)\(mark)" } ?? unknown, "\(criterion.evidence.count)",
      ])
    }
    return table.text
  }

  /// Number → level → evidence → how it is computed.
  func details(_ criterion: Assessment.Criterion) -> String {
    guard let rubric = course.rubrics.first(where: { $0.id == criterion.id }) else { return "" }
    var lines = [Style.bold("\(criterion.id.uppercased()) · \(rubric.names[language])")]
    let value = criterion.value.map { decimal($0, 2) } ?? "–"
    if let level = criterion.level {
      let meaning = rubric.levels[min(4, max(0, level))][language]
      lines.append("  \(value) → \(isChinese ? "等级" : "level") \(level): \(meaning)")
    } else {
      let weighty = criterion.evidence.count { $0.weight > 0 }
      lines.append(
        isChinese
          ? "  \(value) → 证据不足（需要 \(criterion.least) 项，现有 \(weighty) 项）"
          : "  \(value) → not enough evidence (\(weighty) of the \(criterion.least) needed)"
      )
    }
    if let override = criterion.override {
      let computed = criterion.computedLevel.map { "\($0)" } ?? "–"
      lines.append(
        isChinese
          ? "  由人评定：\(override.by)，\(override.time)，理由：\(override.reason)（计算得出：\(computed)）"
          : "  given by a person: \(override.by), \(override.time), because: \(override.reason) (computed: \(computed))"
      )
    }
    for evidence in criterion.evidence {
      let attempt = evidence.attempt.map { isChinese ? "，第 \($0) 次" : ", attempt \($0)" } ?? ""
      let tier = evidence.tier.map { ", \($0)" } ?? ""
      let digest = evidence.verdict.map { " \($0.prefix(19))…" } ?? ""
      lines.append(
        "  · \(evidence.subject)\(tier)\(attempt): \(evidence.shown(language)) = \(decimal(evidence.value, 2)) × \(decimal(evidence.weight, 2)) [events.jsonl#\(evidence.event)\(digest)]"
      )
    }
    lines.append("  " + Style.dim(rubric.explanation[language]))
    return lines.joined(separator: "\n")
  }
}
