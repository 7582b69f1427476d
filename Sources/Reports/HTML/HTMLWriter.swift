/// Writes sections as HTML. Texts of the catalogue are marked, so that the page can change its
/// language; all others are escaped and stay.
struct HTMLWriter {
  let words: Words

  init(_ words: Words) { self.words = words }

  func article(_ article: PageArticle) -> String {
    """
    <article id="\(article.id)">
    <header><h1>\(HTML.escape(article.title))</h1>
    \(article.lead.map(lead).joined(separator: "\n"))
    </header>
    \(article.sections.map(section).joined(separator: "\n"))
    </article>
    """
  }

  /// A block at the head of an article: verdicts are badges there.
  private func lead(_ block: Block) -> String {
    guard case .paragraph(let phrase, let tone) = block, tone == .good || tone == .bad else {
      return html(block)
    }
    let mark = tone == .good ? "✓ " : "✗ "
    return "<p class=\"verdict \(tone.rawValue)\">\(mark)\(span(phrase))</p>"
  }

  func section(_ section: PageSection) -> String {
    """
    <section id="\(section.id)"><h2>\(span(section.title))</h2>
    \(section.blocks.map(html).joined(separator: "\n"))
    </section>
    """
  }

  /// A text; from the catalogue where it is a word.
  func span(_ phrase: Phrase) -> String {
    let text = HTML.escape(words.text(phrase))
    guard case .word = phrase else { return text }
    return "<span\(mark(phrase))>\(text)</span>"
  }

  /// The attributes that mark a text for translation.
  private func mark(_ phrase: Phrase) -> String {
    guard case .word(let key, let insertions) = phrase else { return "" }
    let name = " data-t=\"\(HTML.escape(key))\""
    guard !insertions.isEmpty else { return name }
    return name + " data-a=\"\(HTML.escape(HTML.json(insertions)))\""
  }

  private func html(_ block: Block) -> String {
    switch block {
    case .heading(let phrase): return "<h3>\(span(phrase))</h3>"
    case .paragraph(let phrase, let tone):
      return "<p class=\"\(tone.rawValue)\">\(span(phrase))</p>"
    case .tiles(let tiles):
      let parts = tiles.map { "<div><dt>\(span($0.name))</dt><dd>\(span($0.value))</dd></div>" }
      return "<dl class=\"tiles\">\(parts.joined())</dl>"
    case .table(let table): return html(table)
    case .folded(let title, let blocks):
      let inner = blocks.map(html).joined(separator: "\n")
      return "<details class=\"table\"><summary>\(span(title))</summary>\(inner)</details>"
    case .check(let check): return html(check)
    case .charts(let charts):
      return "<div class=\"charts\">\(charts.map(html).joined(separator: "\n"))</div>"
    case .pictures(let pictures):
      return "<div class=\"pictures\">\(pictures.map(html).joined(separator: "\n"))</div>"
    case .tool(let kind, let source):
      return "<div data-tool=\"\(kind)\" data-source=\"\(source)\"></div>"
    case .shares(let shares): return html(shares)
    }
  }

  private func html(_ table: PageTable) -> String {
    func row(_ cells: [Phrase], _ tag: String) -> String {
      let parts = cells.enumerated().map { column, cell in
        "<\(tag)\(table.numeric.contains(column) ? " class=\"n\"" : "")\(mark(cell))>"
          + "\(HTML.escape(words.text(cell)))</\(tag)>"
      }
      return "<tr>\(parts.joined())</tr>"
    }
    return """
      <div class="scroll" tabindex="0"><table><thead>\(row(table.columns, "th"))</thead><tbody>
      \(table.rows.map { row($0, "td") }.joined(separator: "\n"))
      </tbody></table></div>
      """
  }

  private func html(_ check: Check) -> String {
    let table = check.figures.isEmpty ? "" : html(PageTable(check.figures))
    let tone = check.passes ? "good" : "bad"
    return """
      <details class="check"\(check.passes ? "" : " open")><summary><b class="\(tone)">\
      \(check.passes ? "✓" : "✗")</b> \(span(.said(check.name))): \(span(.said(check.verdict)))</summary>\
      \(table)</details>
      """
  }

  private func html(_ chart: PlacedChart) -> String {
    """
    <figure><figcaption>\(span(chart.chart.title))</figcaption>
    <div class="chart" data-chart="\(chart.source)"></div>
    <details class="table"><summary>\(span(.word("table.show")))</summary>\(html(chart.chart.table))</details></figure>
    """
  }

  private func html(_ picture: PagePicture) -> String {
    let name = HTML.escape(picture.name)
    let image =
      picture.bytes.isEmpty
      ? ""
      : "<img alt=\"\(name)\" src=\"data:image/jpeg;base64,\(HTML.base64(picture.bytes))\">"
    return """
      <figure>\(image)<figcaption\(mark(picture.caption))>\(HTML.escape(words.text(picture.caption)))</figcaption>
      <details class="table"><summary>\(span(.word("pictures.boxes")))</summary>\(html(picture.table))</details></figure>
      """
  }

  private func html(_ shares: [(name: String, value: Double)]) -> String {
    let total = shares.reduce(0) { $0 + max(0, $1.value) }
    guard total > 0, total.isFinite else { return "" }
    let hues = [
      "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d00", "#6a6f7a",
    ]
    let bars = shares.enumerated().map { index, share in
      let width = HTML.decimal(max(0, share.value) / total * 100, 3)
      let title = HTML.escape("\(share.name): \(HTML.decimal(share.value, 1)) ms")
      return
        "<span style=\"flex-basis:\(width)%;background:\(hues[index % 8])\" title=\"\(title)\"></span>"
    }
    return "<div class=\"stack\" aria-hidden=\"true\">\(bars.joined())</div>"
  }
}
