/// Comma-separated values. Source: RFC 4180.
enum CSV {
  /// One line without its end: cells with commas, quotes or line breaks are quoted.
  static func line(_ cells: [String]) -> String {
    cells.map { cell in
      guard cell.contains(where: { ",\"".contains($0) || $0.isNewline }) else { return cell }
      return "\""
        + cell.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"") + "\""
    }.joined(separator: ",")
  }
}
