/// Turns documents into what pages show: articles of sections, and the data of charts and tools.
struct PageBuilder {
  /// The documents.
  let reports: [Report]
  /// Per document, the layouts of its structure's stages.
  let layouts: [[StructureLayout]]
  /// What scripts read.
  var data = PageData()
  /// The name of each document's structure data.
  var structures: [Int: String] = [:]

  init(_ reports: [Report], layouts: [[StructureLayout]]) {
    self.reports = reports
    self.layouts = layouts
  }

  /// One article per document, in order.
  mutating func articles() -> [PageArticle] {
    reports.indices.map { article($0) }
  }

  private mutating func article(_ index: Int) -> PageArticle {
    let report = reports[index]
    var sections: [PageSection] = []
    func add(_ id: String, _ blocks: [Block]) {
      guard !blocks.isEmpty else { return }
      let anchor = reports.count > 1 ? "\(id)-\(index + 1)" : id
      sections.append(PageSection(id: anchor, title: .word("section.\(id)"), blocks: blocks))
    }
    add("verdicts", verdicts(report))
    add("pictures", pictures(report))
    add("checks", report.checks.map { .check($0) })
    var blocks: [Block] = []
    for record in report.accuracy { blocks += accuracy(record) }
    add("accuracy", blocks)
    add("latency", latency(report))
    if let comparison = report.frameworks { add("frameworks", frameworks(comparison)) }
    if let comparison = report.precision { add("precision", precision(comparison)) }
    if let record = report.quantization { add("quantization", quantization(record)) }
    if let found = report.attribution { add("attribution", attribution(found)) }
    add("structure", structure(report, index))
    blocks = []
    for entry in report.profiles { blocks += profile(entry, report, index) }
    add("profile", blocks)
    if let found = report.memory { add("arena", memory(found)) }
    blocks = []
    for entry in report.timelines { blocks += timeline(entry) }
    add("timeline", blocks)
    add("stages", stages(report))
    if let summary = report.graph { add("graph", graph(summary)) }
    add("notes", notes(report))
    add("machine", machine(report))
    return PageArticle(
      id: "report-\(index + 1)",
      title: report.subject.file,
      lead: lead(report),
      sections: sections
    )
  }

  /// Charts with their data on the page.
  mutating func charts(_ charts: [PageChart]) -> Block {
    .charts(charts.map { PlacedChart(chart: $0, source: data.add($0.data)) })
  }
}
