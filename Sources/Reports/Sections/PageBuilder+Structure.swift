import Metrics

extension PageBuilder {
  /// A structure with its layouts, as the tools read it.
  private struct StructureData: Encodable {
    var record: StructureRecord
    var layouts: [StructureLayout]
    /// What the edits say, whole and shortened to its first part, where the catalogue has it.
    var phrases: [String: Phrase] = [:]

    init(_ record: StructureRecord, _ layouts: [StructureLayout]) {
      (self.record, self.layouts) = (record, layouts)
      for step in record.steps {
        let short = step.reason.split(separator: ":").first.map { String($0) } ?? ""
        for text in [step.reason, short] where phrases[text] == nil {
          let phrase = Phrase.said(text)
          if case .word = phrase { phrases[text] = phrase }
        }
      }
    }
  }

  mutating func structure(_ report: Report, _ index: Int) -> [Block] {
    guard let record = report.structure, !record.stages.isEmpty else { return [] }
    let known = layouts.indices.contains(index) ? layouts[index] : []
    let placed = record.stages.enumerated().map { place, stage in
      let fits =
        known.indices.contains(place) && known[place].nodes.count == stage.nodes.count
        && known[place].edges.count == stage.edges.count
      return fits ? known[place] : StructureLayout(layering: stage)
    }
    let source = data.add(StructureData(record, placed))
    structures[index] = source
    let rows = record.stages.map { stage -> [Phrase] in
      let groups = Set(stage.nodes.compactMap(\.group)).count
      let bytes = stage.nodes.compactMap(\.weightByteCount).reduce(0, +)
      return [
        .word("stage.\(stage.kind.rawValue)"), .text(stage.name), .text("\(stage.nodes.count)"),
        .text("\(stage.edges.count)"), .text("\(groups)"),
        .text(bytes > 0 ? HTML.decimal(bytes / 1e6, 2) : "–"),
      ]
    }
    let columns = [
      "column.stage", "column.name", "column.nodes", "column.edges", "column.groups",
      "column.weights",
    ]
    return [
      .paragraph(.word("structure.intro"), .dim), .tool(kind: "structure", source: source),
      .table(PageTable(columns, rows, numeric: [2, 3, 4, 5])),
    ]
  }

  mutating func timeline(_ timeline: Timeline) -> [Block] {
    guard !timeline.spans.isEmpty else { return [] }
    let source = data.add(timeline)
    let critical = Set(timeline.criticalPath)
    let whole = timeline.spans.indices.filter { timeline.spans[$0].parent == nil }
    let path = whole.filter(critical.contains).reduce(0) { $0 + timeline.spans[$1].duration }
    let end = timeline.spans.map(\.end).max() ?? 0
    let beginning = timeline.spans.map(\.start).min() ?? 0
    let rows = timeline.spans.enumerated().map { index, span -> [Phrase] in
      [
        .text(span.name), .word("span.\(span.category.rawValue)"),
        .text(timeline.lanes.indices.contains(span.lane) ? timeline.lanes[span.lane] : ""),
        .text(HTML.decimal(span.start, 3)), .text(HTML.decimal(span.duration, 3)),
        .text(span.picture.map { "\($0 &+ 1)" } ?? ""), .text(critical.contains(index) ? "●" : ""),
      ]
    }
    let columns = [
      "column.span", "column.kind", "column.lane", "column.start", "column.ms", "column.picture",
      "column.critical",
    ]
    return [
      .heading(.text(timeline.title)),
      .paragraph(
        .word(
          "timeline.intro",
          "\(whole.count)",
          HTML.decimal(end - beginning, 1),
          HTML.decimal(path, 1)
        )
      ), .tool(kind: "timeline", source: source),
      .folded(
        .word("table.show"),
        [.table(PageTable(columns, Array(rows.prefix(1000)), numeric: [3, 4, 5]))]
      ),
    ]
  }
}
