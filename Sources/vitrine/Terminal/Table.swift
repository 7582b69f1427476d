/// Rows of text in aligned columns.
struct Table {
  private let header: [String]
  private var rows: [[String]] = []
  /// Columns that hold numbers and are set flush right.
  private let numeric: Set<Int>

  init(_ header: [String], numeric: Set<Int> = []) {
    self.header = header
    self.numeric = numeric
  }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The table as lines, the header in bold.
  var text: String {
    let widths = header.indices.map { column in
      ([header] + rows).map { column < $0.count ? columns(of: $0[column]) : 0 }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let parts = cells.enumerated().map { column, cell in
        let fill = String(repeating: " ", count: max(0, widths[column] - columns(of: cell)))
        if numeric.contains(column) { return fill + cell }
        return column == cells.count - 1 ? cell : cell + fill
      }
      return parts.joined(separator: "  ")
    }
    return ([Style.bold(line(header))] + rows.map(line)).joined(separator: "\n")
  }
}
