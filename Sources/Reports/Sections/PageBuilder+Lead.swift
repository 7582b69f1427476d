import Detectors
import Diagnostics
import Metrics
import Passes

extension PageBuilder {
  /// What a document is about and whether all is well, at a glance.
  func lead(_ report: Report) -> [Block] {
    let subject = report.subject
    var blocks: [Block] = [
      .paragraph(.text(["vitrine \(report.command)", report.date].joined(separator: " · ")), .dim)
    ]
    if !report.checks.isEmpty {
      let failed = report.checks.count { !$0.passes }
      blocks.append(
        failed == 0
          ? .paragraph(.word("lead.pass", "\(report.checks.count)"), .good)
          : .paragraph(.word("lead.fail", "\(failed)", "\(report.checks.count)"), .bad)
      )
    }
    var tiles = headline(report)
    tiles += [(.word("lead.family"), .text("\(subject.family)"))]
    if subject.parameterCount > 0 {
      let millions = HTML.decimal(Double(subject.parameterCount) / 1e6, 2)
      tiles.append((.word("lead.parameters"), .text("\(millions) M")))
    }
    if subject.gigaOperations > 0 {
      let work = HTML.decimal(subject.gigaOperations, 1)
      tiles.append((.word("lead.work"), .text("\(work) GFLOP")))
    }
    if !subject.inputSize.isEmpty {
      let size = subject.inputSize.map(String.init).joined(separator: " × ")
      tiles.append((.word("lead.input"), .text("\(size) px")))
    }
    if !subject.classNames.isEmpty {
      tiles.append((.word("lead.classes"), .text("\(subject.classNames.count)")))
    }
    blocks.append(.tiles(tiles))
    return blocks
  }

  /// The figures that the run was made for.
  private func headline(_ report: Report) -> [(name: Phrase, value: Phrase)] {
    var tiles: [(name: Phrase, value: Phrase)] = []
    if let latency = report.latency {
      tiles.append((.word("lead.p50"), .text("\(HTML.decimal(latency.p50, 1)) ms")))
    } else if let series = report.benchmarks.first?.engine {
      tiles.append((.word("lead.p50"), .text("\(HTML.decimal(series.summary.p50, 1)) ms")))
    }
    if let boxes = report.accuracy.first?.boxes {
      for name in ["AP", "mAP50"] {
        guard let value = boxes.value(name), value >= 0 else { continue }
        tiles.append((.text(name), .text(HTML.decimal(value, 4))))
      }
    }
    return tiles
  }

  func stages(_ report: Report) -> [Block] {
    guard !report.stages.isEmpty else { return [] }
    let rows = report.stages.map { [$0.name, HTML.decimal($0.milliseconds, 1), $0.summary] }
    return [
      .shares(report.stages.map { ($0.name, $0.milliseconds) }),
      .table(PageTable(["column.stage", "column.ms", "column.result"], texts: rows, numeric: [1])),
    ]
  }

  func graph(_ graph: GraphSummary) -> [Block] {
    let names = Set(graph.operatorsBefore.keys).union(graph.operatorsAfter.keys).sorted()
    let rows = names.map { name in
      let (before, after) = (graph.operatorsBefore[name] ?? 0, graph.operatorsAfter[name] ?? 0)
      return [name, "\(before)", "\(after)", before == after ? "" : "\(after - before)"]
    }
    let columns = ["column.operator", "column.before", "column.after", "column.change"]
    let patches = graph.patches.map { ["\($0.number)", $0.pass, $0.rule, $0.reason] }
    return [
      .paragraph(
        .word(
          "graph.became",
          "\(graph.countBefore)",
          "\(graph.countAfter)",
          "\(graph.patches.count)"
        )
      ),
      .table(PageTable(columns, texts: rows, numeric: [1, 2, 3])),
      .folded(
        .word("graph.edits"),
        [
          .table(
            PageTable(
              ["column.number", "column.pass", "column.rule", "column.edit"],
              texts: patches,
              numeric: [0]
            )
          )
        ]
      ),
    ]
  }

  /// What the reader should know, where no section says it already.
  func notes(_ report: Report) -> [Block] {
    let said = Set(report.accuracy.flatMap(\.diagnostics))
    return notes(report.diagnostics.filter { !said.contains($0) })
  }

  func notes(_ diagnostics: [Diagnostic]) -> [Block] {
    guard !diagnostics.isEmpty else { return [] }
    let rows = diagnostics.map {
      [
        Phrase.word("severity.\($0.severity.rawValue)"), .said($0.message), .said($0.remedy ?? ""),
      ]
    }
    return [.table(PageTable(["column.kind", "column.what", "column.remedy"], rows))]
  }

  func machine(_ report: Report) -> [Block] {
    guard !report.environment.isEmpty else { return [] }
    let rows = report.environment.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
    return [.table(PageTable(["column.what", "column.found"], texts: rows))]
  }

  func pictures(_ report: Report) -> [Block] {
    guard !report.pictures.isEmpty else { return [] }
    let names = report.subject.classNames
    // Hundreds of cards without a picture would bury what follows: the others are a table.
    let drawn = report.pictures.filter { !$0.preview.isEmpty }
    let shown = drawn.isEmpty ? Array(report.pictures.prefix(12)) : drawn
    let others =
      drawn.isEmpty
      ? Array(report.pictures.dropFirst(12)) : report.pictures.filter(\.preview.isEmpty)
    let pictures = shown.map { picture in
      let rows =
        picture.detections.map { found in
          let box = found.box
          let index = found.classIndex
          return [
            names.indices.contains(index) ? names[index] : "\(index)",
            HTML.decimal(Double(found.confidence), 3),
            [box.x1, box.y1, box.x2, box.y2].map { HTML.decimal(Double($0), 1) }
              .joined(separator: ", "),
          ]
        }
        + (picture.classes ?? []).map { score in
          let index = score.classIndex
          return [
            names.indices.contains(index) ? names[index] : "\(index)",
            HTML.decimal(Double(score.probability), 3), "",
          ]
        }
      let columns = ["column.class", "column.confidence", "column.box"]
      return PagePicture(
        name: picture.name,
        caption: .word(
          "pictures.caption",
          picture.name,
          "\(picture.width) × \(picture.height)",
          "\(picture.classes?.count ?? picture.detections.count)"
        ),
        bytes: picture.preview,
        table: PageTable(columns, texts: rows, numeric: [1])
      )
    }
    guard !others.isEmpty else { return [.pictures(pictures)] }
    let rows = others.map { picture in
      let found = picture.classes?.map(\.classIndex) ?? picture.detections.map(\.classIndex)
      let counts = Dictionary(found.map { ($0, 1) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
      let words = counts.map { index, count in
        let name = names.indices.contains(index) ? names[index] : "\(index)"
        return count == 1 ? name : "\(count) × \(name)"
      }
      return [picture.name, "\(picture.width) × \(picture.height)", words.joined(separator: ", ")]
    }
    let columns = ["column.picture", "column.size", "column.found"]
    let table = Block.table(PageTable(columns, texts: rows))
    return [.pictures(pictures), .folded(.word("pictures.others", "\(others.count)"), [table])]
  }
}
