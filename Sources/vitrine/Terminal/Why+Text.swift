import Labs
import Reports

/// What `vitrine lab why` says.
struct WhyTerminal {
  let question: WhyQuestion
  let language: ReportLanguage

  private var isChinese: Bool { language == .chinese }

  /// The question, what is to be predicted, and what may be changed afterwards.
  func ask() {
    Terminal.print(Style.bold("\(question.id) · \(question.name[language])"))
    Terminal.print(question.question[language])
    Terminal.print(
      isChinese
        ? "\n先预测（一经提交不能更改）：vitrine lab why \(question.id) --predict 数值 --because \"理由\"（单位 \(question.unit)，允许误差 ±\(decimal(question.tolerance, 2))）"
        : "\nPredict first, once and for all: vitrine lab why \(question.id) --predict NUMBER --because \"…\" (\(question.unit), counts within ±\(decimal(question.tolerance, 2)))"
    )
    guard !question.parameters.isEmpty else { return }
    Terminal.print(
      isChinese ? "\n之后可以改（--set 名字=值）：" : "\nWhat may be changed afterwards (--set name=value):"
    )
    var table = Table(
      isChinese ? ["名字", "从", "到", "原来", ""] : ["name", "from", "to", "as asked", ""],
      numeric: [1, 2, 3]
    )
    for parameter in question.parameters {
      table.add([
        parameter.name, figure(parameter.range.lowerBound), figure(parameter.range.upperBound),
        figure(parameter.initial), question.label(parameter.name, language),
      ])
    }
    Terminal.print(table.text)
  }

  var predictFirst: String {
    isChinese
      ? "先回答问题本身（不带 --set），再改动实验"
      : "answer the question itself first, without --set; then change the experiment"
  }

  var predictEach: String {
    isChinese
      ? "这个问题每次改动都要先预测：加上 --predict 和 --because"
      : "this question wants a prediction for each change: add --predict and --because"
  }

  var outOfRange: String {
    let (low, high) = (question.range.lowerBound, question.range.upperBound)
    return "--predict must lie between \(low) and \(high), --plus-minus between 0 and \(high - low)"
  }

  func warnLocked(_ value: Double) {
    Terminal.warn(
      isChinese
        ? "你的预测早已锁定为 \(value)，以它为准" : "your prediction was locked at \(value), which counts"
    )
  }

  /// What came out, and what had come out before.
  func tell(_ run: WhyRun, earlier: [WhyRun]) {
    let findings = run.findings
    let hasLabels = !findings.labels.isEmpty
    let columns = (hasLabels ? [""] : []) + findings.columns.map { question.term($0, language) }
    var table = Table(columns, numeric: Set(columns.indices.dropFirst(hasLabels ? 1 : 0)))
    let counts = findings.columns.indices.map { column in
      findings.rows.allSatisfy { $0[column] == $0[column].rounded() }
    }
    for (index, row) in findings.rows.enumerated() {
      let label =
        index < findings.labels.count ? [question.term(findings.labels[index], language)] : []
      table.add(label + zip(row, counts).map { number($0, isCount: $1) })
    }
    Terminal.print(table.text + "\n")
    tellVerdict(run)
    if question.isOwn(run.settings) {
      Terminal.print(question.explanation(findings, language))
      if let trial = question.trial, !question.parameters.isEmpty {
        Terminal.print((isChinese ? "\n接着试：" : "\nTry next: ") + trial[language])
      }
    }
    if !findings.agrees {
      Terminal.print(
        Style.yellow("!")
          + (isChinese
            ? " 这次的数据不符合上面的解释：机器可能正忙，或者解释在这里不成立。数据为准。"
            : " This time the data do not agree with the explanation: the machine may be busy, or it does not hold here. The data count.")
      )
    }
    if !earlier.isEmpty { Terminal.print("\n" + comparison(earlier + [run])) }
  }

  private func tellVerdict(_ run: WhyRun) {
    let found = decimal(run.findings.value, 2)
    guard let predicted = run.predicted, let isWithin = run.isWithin(question) else {
      Terminal.print(
        isChinese ? "测得 \(found)（\(question.unit)）" : "measured \(found) (\(question.unit))"
      )
      return
    }
    let mark = isWithin ? Style.green("✓") : Style.red("✗")
    let said = decimal(predicted, 2)
    Terminal.print(
      isChinese
        ? "\(mark) 你预测 \(said)，测得 \(found)（\(question.unit)）"
        : "\(mark) you predicted \(said), measured \(found) (\(question.unit))"
    )
    guard let margin = run.margin else { return }
    let isInside = abs(run.findings.value - predicted) <= margin
    let text = decimal(margin, 2)
    Terminal.print(
      isChinese
        ? "  测得值在你给的 ±\(text) \(isInside ? "之内" : "之外")"
        : "  \(isInside ? "inside" : "outside") of the ±\(text) that you gave yourself"
    )
  }

  /// One line for each run, with what was set.
  private func comparison(_ runs: [WhyRun]) -> String {
    let names = question.parameters.map(\.name)
    var table = Table(
      names.map { question.label($0, language) } + [question.unit],
      numeric: Set(0...names.count)
    )
    for run in runs {
      table.add(
        names.map { figure(run.settings.values[$0] ?? 0) } + [decimal(run.findings.value, 2)]
      )
    }
    return table.text
  }

  private func number(_ value: Double, isCount: Bool) -> String {
    decimal(value, isCount ? 0 : abs(value) < 10 ? 3 : 1)
  }

  private func figure(_ value: Double) -> String {
    value == value.rounded() ? decimal(value, 0) : decimal(value, 3)
  }
}
