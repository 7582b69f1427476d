/// What a section of a page is made of: the same for HTML and Markdown.
indirect enum Block {
  /// How a text is meant.
  enum Tone: String {
    case plain
    case dim
    case good
    case bad
  }

  case heading(Phrase)
  case paragraph(Phrase, Tone = .plain)
  /// The few figures that matter most.
  case tiles([(name: Phrase, value: Phrase)])
  case table(PageTable)
  /// Text behind a line that opens it.
  case folded(Phrase, [Block])
  case check(Check)
  case charts([PlacedChart])
  case pictures([PagePicture])
  /// One of the visual tools; `source` names its data.
  case tool(kind: String, source: String)
  /// Shares of a whole as one bar.
  case shares([(name: String, value: Double)])
}

/// A table.
struct PageTable {
  var columns: [Phrase]
  var rows: [[Phrase]]
  /// The columns of numbers.
  var numeric: Set<Int> = []

  init(_ columns: [String], _ rows: [[Phrase]], numeric: Set<Int> = []) {
    self.columns = columns.map { .word($0) }
    self.rows = rows
    self.numeric = numeric
  }

  /// A table of what was measured in a check.
  init(_ figures: [Check.Figure]) {
    self.init(
      ["column.figure", "column.measured", "column.required"],
      figures.map { [.said($0.name), .said($0.value), .text($0.limit ?? "")] }
    )
  }

  /// A table of plain texts.
  init(_ columns: [String], texts rows: [[String]], numeric: Set<Int> = []) {
    self.init(columns, rows.map { $0.map { .text($0) } }, numeric: numeric)
  }
}

/// A chart with the numbers that it draws.
struct PageChart {
  var title: Phrase
  var data: ChartData
  var table: PageTable
}

/// A chart whose data is on the page under a name.
struct PlacedChart {
  var chart: PageChart
  var source: String
}

/// An annotated picture.
struct PagePicture {
  var name: String
  var caption: Phrase
  /// A JPEG file.
  var bytes: [UInt8]
  var table: PageTable
}

/// A part of a page under a heading of its own.
struct PageSection {
  /// Its anchor.
  var id: String
  var title: Phrase
  var blocks: [Block]
}

/// What a page says about one document.
struct PageArticle {
  var id: String
  var title: String
  var lead: [Block]
  var sections: [PageSection]
}
