/// Renders reports as Markdown: every table, no picture; charts and tools appear as their tables.
public struct MarkdownRenderer: Sendable {
  /// The language.
  public var language = ReportLanguage.english

  /// Creates a renderer for English.
  public init() {}

  /// The text of reports, which are compared first where there are several.
  public func render(_ reports: [Report]) -> String {
    var builder = PageBuilder(reports, layouts: [])
    let articles = builder.articles()
    let comparison = reports.count > 1 ? builder.comparison() : []
    let words = Words(language)
    var parts = comparison.flatMap { section($0, words) }
    for article in articles {
      parts.append("# \(Self.escape(article.title))")
      parts += article.lead.flatMap { text($0, words) }
      parts += article.sections.flatMap { section($0, words) }
    }
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private func section(_ section: PageSection, _ words: Words) -> [String] {
    ["## \(phrase(section.title, words))"] + section.blocks.flatMap { text($0, words) }
  }

  private func text(_ block: Block, _ words: Words) -> [String] {
    switch block {
    case .heading(let title): return ["### \(phrase(title, words))"]
    case .paragraph(let content, let tone):
      let mark = tone == .good ? "✓ " : tone == .bad ? "✗ " : ""
      return [mark + phrase(content, words)]
    case .tiles(let tiles):
      return [
        tiles.map { "- \(phrase($0.name, words)): \(phrase($0.value, words))" }
          .joined(separator: "\n")
      ]
    case .table(let content): return [table(content, words)]
    case .folded(let title, let blocks):
      return ["#### \(phrase(title, words))"] + blocks.flatMap { text($0, words) }
    case .check(let check):
      let (name, verdict) = (words.text(.said(check.name)), words.text(.said(check.verdict)))
      let head = "\(check.passes ? "✓" : "✗") \(name): \(verdict)"
      return [Self.escape(head)]
        + (check.figures.isEmpty ? [] : [table(PageTable(check.figures), words)])
    case .charts(let charts):
      return charts.flatMap {
        ["#### \(phrase($0.chart.title, words))", table($0.chart.table, words)]
      }
    case .pictures(let pictures):
      return pictures.flatMap { [phrase($0.caption, words), table($0.table, words)] }
    case .tool, .shares: return []
    }
  }

  private func table(_ table: PageTable, _ words: Words) -> String {
    func row(_ cells: [Phrase]) -> String {
      "| " + cells.map { phrase($0, words) }.joined(separator: " | ") + " |"
    }
    let rule = table.columns.indices.map { table.numeric.contains($0) ? "---:" : "---" }
    return
      ([row(table.columns), "| " + rule.joined(separator: " | ") + " |"]
      + table.rows.map(row)).joined(separator: "\n")
  }

  private func phrase(_ phrase: Phrase, _ words: Words) -> String {
    Self.escape(words.text(phrase))
  }

  /// Text whose characters mean nothing to Markdown or HTML; lines become one.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n", "\r", "\t": result += " "
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\\", "|", "`", "*", "_", "[", "]", "#", "~":
        result += "\\"
        result.unicodeScalars.append(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
