import ArgumentParser
import Files
import Labs
import Reports

/// `vitrine lab why`: a question, a locked prediction, a real experiment.
struct LabWhy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Asks why; you predict a number, and an experiment on this machine answers.",
    discussion: """
      Without a prediction it shows the question. The first prediction counts: it goes into the log before the experiment begins,
      and cannot be changed. Exit code 1 where it was too far off.

      EXAMPLES
        vitrine lab why
        vitrine lab why W9
        vitrine lab why W9 --predict 12 --because "two bits are lost"
      """
  )

  @Argument(help: "The question, such as W9; all by default.")
  var question: String?

  @Option(name: .long, help: "The number that you predict.")
  var predict: Double?

  @Option(name: .long, help: "Why you think so, in a sentence.")
  var because: String?

  @OptionGroup var options: LabOptions

  private struct Answer: Encodable {
    var question: String
    var predicted: Double
    var isWithin: Bool
    var findings: WhyFindings
  }

  func validate() throws {
    guard predict == nil || (predict?.isFinite == true && because != nil && question != nil) else {
      throw ValidationError("--predict needs a question, a number and --because \"…\"")
    }
  }

  func run() async throws {
    let course = try Course(path: options.coursePath())
    let language = options.language()
    guard let name = question else { return list(course, language) }
    guard let question = course.questions.first(where: { $0.id.lowercased() == name.lowercased() })
    else {
      let all = course.questions.map(\.id).joined(separator: ", ")
      throw ValidationError("there is no question \(name); there are \(all)")
    }
    let state = try options.state()
    let learner = LabState.learnerID(options.learnerName())
    let earlier = try state.log.events().first {
      $0.type == "predicted" && $0.lab == question.id && $0.learner == learner
    }
    let locked = earlier?.data["value"].flatMap(Double.init)
    guard let predicted = locked ?? predict else { return ask(question, language) }
    guard question.range.contains(predicted) else {
      throw ValidationError(
        "--predict must lie between \(question.range.lowerBound) and \(question.range.upperBound)"
      )
    }
    if locked == nil {
      let data = ["value": "\(predicted)", "because": String((because ?? "").prefix(500))]
      try state.log.append("predicted", lab: question.id, learner: learner, data)
    } else if predict != nil, predict != locked {
      Terminal.warn(
        language == .chinese
          ? "你的预测早已锁定为 \(predicted)，以它为准"
          : "your prediction was locked at \(predicted), which counts"
      )
    }
    let findings = try await question.run(
      model: try model(course),
      progress: options.common.progress
    )
    let isWithin = abs(findings.value - predicted) <= question.tolerance
    try state.log.append(
      "answered",
      lab: question.id,
      learner: learner,
      ["value": "\(findings.value)", "predicted": "\(predicted)", "within": "\(isWithin)"]
    )
    if options.common.json {
      let answer = Answer(
        question: question.id,
        predicted: predicted,
        isWithin: isWithin,
        findings: findings
      )
      try JSONOutput.print(answer)
    } else {
      tell(question, findings, predicted, isWithin, language)
    }
    if !isWithin { throw ExitCode(1) }
  }

  private func list(_ course: Course, _ language: ReportLanguage) {
    for question in course.questions {
      Terminal.print("\(Style.bold(pad(question.id, 4))) \(question.name[language])")
    }
  }

  private func ask(_ question: WhyQuestion, _ language: ReportLanguage) {
    Terminal.print(Style.bold("\(question.id) · \(question.name[language])"))
    Terminal.print(question.question[language])
    Terminal.print(
      language == .chinese
        ? "\n先预测（一经提交不能更改）：vitrine lab why \(question.id) --predict 数值 --because \"理由\"（单位 \(question.unit)，允许误差 ±\(decimal(question.tolerance, 2))）"
        : "\nPredict first, once and for all: vitrine lab why \(question.id) --predict NUMBER --because \"…\" (\(question.unit), counts within ±\(decimal(question.tolerance, 2)))"
    )
  }

  private func tell(
    _ question: WhyQuestion,
    _ findings: WhyFindings,
    _ predicted: Double,
    _ isWithin: Bool,
    _ language: ReportLanguage
  ) {
    let isChinese = language == .chinese
    let counts = Set(
      findings.columns.indices.filter { column in
        findings.rows.allSatisfy { $0[column] == $0[column].rounded() }
      }
    )
    let hasLabels = !findings.labels.isEmpty
    let columns = (hasLabels ? [""] : []) + findings.columns.map { question.term($0, language) }
    var table = Table(columns, numeric: Set(columns.indices.dropFirst(hasLabels ? 1 : 0)))
    for (index, row) in findings.rows.enumerated() {
      let label =
        index < findings.labels.count ? [question.term(findings.labels[index], language)] : []
      table.add(label + row.enumerated().map { number($1, isCount: counts.contains($0)) })
    }
    Terminal.print(table.text)
    let mark = isWithin ? Style.green("✓") : Style.red("✗")
    let (said, found) = (decimal(predicted, 2), decimal(findings.value, 2))
    Terminal.print(
      isChinese
        ? "\n\(mark) 你预测 \(said)，测得 \(found)（\(question.unit)）"
        : "\n\(mark) you predicted \(said), measured \(found) (\(question.unit))"
    )
    let figures = findings.figures.mapValues {
      $0 == $0.rounded() ? decimal($0, 0) : decimal($0, abs($0) < 10 ? 2 : 1)
    }
    Terminal.print(Messages.fill(question.explanation[language], figures))
    if !findings.agrees {
      Terminal.print(
        Style.yellow("!")
          + (isChinese
            ? " 这次的数据不符合上面的解释：机器可能正忙，或者解释在这里不成立。数据为准。"
            : " This time the data do not agree with the explanation: the machine may be busy, or it does not hold here. The data count.")
      )
    }
  }

  private func number(_ value: Double, isCount: Bool) -> String {
    decimal(value, isCount ? 0 : abs(value) < 10 ? 3 : 1)
  }

  private func model(_ course: Course) throws -> String {
    let path = course.path + "/../Samples/shapes-yolov5n.pt"
    guard FileAccess.isReadable(path) else {
      throw ValidationError("the sample network is not beside the course: \(path)")
    }
    return path
  }
}
