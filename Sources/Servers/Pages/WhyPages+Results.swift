import FoundationEssentials
import Labs
import Reports

/// What runs of an experiment have found: the newest drawn beside the ones before it, its table, and what
/// was set for each.
extension LabSite {
  func results(
    _ visitor: Visitor,
    _ question: WhyQuestion,
    _ latest: WhyRun,
    among runs: [WhyRun]
  ) -> Markup {
    let own = runs.first { question.isOwn($0.settings) }
    let explanation: Markup? = own.map { run in
      """
      <section aria-labelledby="explanation"><h2 id="explanation">\(visitor.say("What the question's own run says", "问题本身的实验说明什么"))</h2>
      <p>\(question.explanation(run.findings, visitor.language))</p></section>
      """
    }
    let doubt: Markup? =
      latest.findings.agrees
      ? nil
      : "<p class=\"notice warn\">\(visitor.say("This time the data do not agree with the explanation: the machine may be busy, or it does not hold here. The data count.", "这次的数据不符合解释：机器可能正忙，或者解释在这里不成立。数据为准。"))</p>"
    return """
      \(verdict(visitor, question, latest))\(doubt)
      <section aria-labelledby="found"><h2 id="found">\(visitor.say("What was found", "结果"))\(heading(question, latest, visitor))</h2>
      \(charts(visitor, question, latest, runs))\(table(visitor, question, latest))</section>
      \(explanation)\(comparison(visitor, question, runs))
      """
  }

  private func heading(_ question: WhyQuestion, _ run: WhyRun, _ visitor: Visitor) -> Markup? {
    guard !question.isOwn(run.settings) else { return nil }
    return " <small>\(changes(question, run))</small>"
  }

  /// What differs from the question's own settings, as the command line would set it.
  private func changes(_ question: WhyQuestion, _ run: WhyRun) -> String {
    question.parameters.compactMap { parameter in
      let value = run.settings.values[parameter.name] ?? parameter.initial
      return value == parameter.initial ? nil : "\(parameter.name)=\(Self.figure(value))"
    }.joined(separator: " ")
  }

  private func verdict(_ visitor: Visitor, _ question: WhyQuestion, _ run: WhyRun) -> Markup {
    let found: Markup = """
      \(visitor.say("measured", "测得")) <strong>\(Self.figure(run.findings.value))</strong> \(question.unit)
      """
    guard let predicted = run.predicted, let isWithin = run.isWithin(question) else {
      return "<p class=\"notice\">\(found)</p>"
    }
    let text =
      isWithin ? visitor.say("within the tolerance", "在允许误差内") : visitor.say("too far off", "差得太远")
    let margin: Markup? = run.margin.map { margin in
      let isInside = abs(run.findings.value - predicted) <= margin
      return
        "<p>\(isInside ? visitor.say("It lies inside of your own interval", "它在你自己给的区间之内") : visitor.say("It lies outside of your own interval", "它在你自己给的区间之外")) (\(Self.figure(predicted)) ± \(Self.figure(margin))).</p>"
    }
    return """
      <p class="verdict \(isWithin ? "good" : "bad")">\(isWithin ? "✓" : "✗") \(found) · \(text) (\(visitor.say("you said", "你说")) \(Self.figure(predicted)), ±\(Self.figure(question.tolerance)))</p>\(margin)
      """
  }

  private func table(_ visitor: Visitor, _ question: WhyQuestion, _ run: WhyRun) -> Markup {
    let findings = run.findings
    let hasLabels = !findings.labels.isEmpty
    let corner: Markup? = hasLabels ? "<td></td>" : nil
    let head = findings.columns.map {
      "<th scope=\"col\" class=\"n\">\(question.term($0, visitor.language))</th>" as Markup
    }
    let rows = findings.rows.enumerated().map { index, row -> Markup in
      let label: Markup? =
        index < findings.labels.count
        ? "<th scope=\"row\">\(question.term(findings.labels[index], visitor.language))</th>" : nil
      return "<tr>\(label)\(row.map { "<td class=\"n\">\(Self.figure($0))</td>" as Markup })</tr>"
    }
    return """
      <div class="scroll" tabindex="0"><table><thead><tr>\(corner)\(head)</tr></thead><tbody>\(rows)</tbody></table></div>
      """
  }

  /// One line for each run, with what was set.
  private func comparison(_ visitor: Visitor, _ question: WhyQuestion, _ runs: [WhyRun]) -> Markup {
    guard runs.count > 1 else { return .empty }
    let head = question.parameters.map {
      "<th scope=\"col\" class=\"n\">\(question.label($0.name, visitor.language))</th>" as Markup
    }
    let rows = runs.enumerated().map { index, run -> Markup in
      let cells = question.parameters.map {
        "<td class=\"n\">\(Self.figure(run.settings.values[$0.name] ?? $0.initial))</td>" as Markup
      }
      let mark = run.isWithin(question) == true ? "✓" : "✗"
      let said = run.predicted.map { "\(Self.figure($0)) \(mark)" } ?? "–"
      return
        "<tr><th scope=\"row\">\(index + 1)</th>\(cells)<td class=\"n\">\(said)</td><td class=\"n\">\(Self.figure(run.findings.value))</td></tr>"
    }
    return """
      <section aria-labelledby="runs"><h2 id="runs">\(visitor.say("Your runs", "你做过的实验"))</h2>
      <div class="scroll" tabindex="0"><table><thead><tr><th scope="col">\(visitor.say("run", "次"))</th>\(head)<th scope="col" class="n">\(visitor.say("predicted", "预测"))</th><th scope="col" class="n">\(visitor.say("measured", "测得")) (\(question.unit))</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }

  // MARK: Charts

  private func charts(
    _ visitor: Visitor,
    _ question: WhyQuestion,
    _ latest: WhyRun,
    _ runs: [WhyRun]
  ) -> Markup {
    guard chartLibrary != nil else { return .empty }
    // The newest last, so that it lies on top; more than four cannot be told apart.
    let shown = runs.filter { $0.number != latest.number }.suffix(3).map { $0 } + [latest]
    let drawing = WhyDrawing(question: question, language: visitor.language)
    let figures = [
      (
        drawing.data(shown, name: { self.name($0, question, latest, visitor) }),
        visitor.say("The data of this run", "这次的数据")
          + (shown.count > 1 ? visitor.say(" and of earlier ones", "与之前几次的数据") : "")
      ),
      (drawing.against(runs), visitor.say("What moving the setting did", "改动设置的效果")),
    ].compactMap { data, caption -> Markup? in
      guard let data, let json = data.json else { return nil }
      return """
        <figure><figcaption>\(caption)</figcaption><div class="chart" role="img" aria-label="\(caption)" data-chart="\(json)"></div></figure>
        """
    }
    return "<div class=\"charts\">\(figures)</div>"
  }

  private func name(
    _ run: WhyRun,
    _ question: WhyQuestion,
    _ latest: WhyRun,
    _ visitor: Visitor
  ) -> String {
    let changes = changes(question, run)
    let text = changes.isEmpty ? visitor.say("as asked", "原题") : changes
    return run.number == latest.number ? visitor.say("now: ", "这次：") + text : text
  }
}

/// Findings in the form that `charts.js` draws.
struct WhyDrawing {
  let question: WhyQuestion
  let language: ReportLanguage

  struct Chart: Encodable {
    var kind: String
    var x = ""
    var y = ""
    var logX = false
    var height = 320
    var series: [Series]

    /// As text; nil where it cannot be written.
    var json: String? {
      (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  struct Series: Encodable {
    var name: String
    var x: [Place]
    var y: [Double?]
    var mode = "lines+markers"
    /// The colour says the column, the tens of it the run, by the kind of line.
    var hue: Int
  }

  /// A number or a name on the horizontal axis.
  enum Place: Encodable {
    case number(Double?)
    case name(String)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .number(let value): try container.encode(value)
      case .name(let text): try container.encode(text)
      }
    }
  }

  private static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }

  /// The columns of some runs, the newest last.
  func data(_ runs: [WhyRun], name: (WhyRun) -> String) -> Chart? {
    let chart = question.chart
    guard let columns = runs.last?.findings.columns,
      chart.y.allSatisfy(columns.indices.contains), chart.x.map(columns.indices.contains) != false
    else { return nil }
    let terms = columns.map { question.term($0, language) }
    // Runs of an older course may have had other columns.
    let runs = runs.filter { $0.findings.columns == columns && !$0.findings.rows.isEmpty }
    let isOneRow = chart.x == nil && runs.allSatisfy { $0.findings.rows.count == 1 }
    var series: [Series] = []
    for (index, run) in runs.enumerated() {
      // 0 for the newest, whose lines are whole.
      let age = runs.count - 1 - index
      if isOneRow {
        let values = chart.y.map { Self.finite(run.findings.rows[0][$0]) }
        let places = chart.y.map { Place.name(terms[$0]) }
        series.append(Series(name: name(run), x: places, y: values, hue: age))
        continue
      }
      for (place, column) in chart.y.enumerated() {
        let parts = (chart.y.count > 1 ? [terms[column]] : []) + (runs.count > 1 ? [name(run)] : [])
        series.append(
          Series(
            name: parts.isEmpty ? terms[column] : parts.joined(separator: " · "),
            x: places(run, chart.x),
            y: run.findings.rows.map { Self.finite($0[column]) },
            hue: chart.x == nil ? age : place + 10 * age
          )
        )
      }
    }
    return Chart(
      kind: chart.x == nil ? "bars" : "lines",
      x: chart.x.map { terms[$0] } ?? "",
      y: chart.y.count == 1 ? terms[chart.y[0]] : "",
      logX: chart.hasLogarithmicX,
      series: series
    )
  }

  private func places(_ run: WhyRun, _ column: Int?) -> [Place] {
    run.findings.rows.enumerated().map { index, row in
      if let column { return .number(Self.finite(row[column])) }
      let labels = run.findings.labels
      return .name(index < labels.count ? question.term(labels[index], language) : "\(index + 1)")
    }
  }

  /// What was measured over the setting that was moved most; nil while none was.
  func against(_ runs: [WhyRun]) -> Chart? {
    let moved = question.parameters.map { parameter in
      (parameter, Set(runs.compactMap { $0.settings.values[parameter.name] }).count)
    }.max { $0.1 < $1.1 }
    guard let (parameter, count) = moved, count > 1 else { return nil }
    let points = runs.compactMap { run in
      run.settings.values[parameter.name].map { ($0, run.findings.value) }
    }.sorted { $0.0 < $1.0 }
    return Chart(
      kind: "lines",
      x: question.label(parameter.name, language),
      y: question.unit,
      height: 260,
      series: [
        Series(
          name: question.unit,
          x: points.map { .number($0.0) },
          y: points.map { Self.finite($0.1) },
          mode: "markers",
          hue: 0
        )
      ]
    )
  }
}
