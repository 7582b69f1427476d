import Metrics

/// Which classes are taken for which.
enum ConfusionChart {
  /// The most classes that are drawn: those with most objects.
  private static let limit = 40

  static func chart(_ matrix: ConfusionMatrix, names: [String]) -> PageChart? {
    let count = matrix.counts.count
    guard count > 0, matrix.counts.allSatisfy({ $0.count == count }) else { return nil }
    let hasBackground = matrix.overlap != nil
    func name(_ index: Int) -> String {
      if hasBackground, index == count - 1 { return "–" }
      return names.indices.contains(index) ? names[index] : "\(index)"
    }
    let sums = (0..<count).map { column in
      matrix.counts.reduce(0) { $0.addingReportingOverflow($1[column]).partialValue }
    }
    let active = (0..<count).filter { index in
      sums[index] > 0 || matrix.counts[index].contains { $0 > 0 }
    }
    let chosen = active.sorted { sums[$0] > sums[$1] }.prefix(limit).sorted()
    guard !chosen.isEmpty else { return nil }
    var chart = ChartData(.heatmap, x: "axis.actual", y: "axis.predicted")
    chart.labels = ChartData.Labels(x: chosen.map(name), y: chosen.map(name))
    chart.z = chosen.map { row in
      chosen.map { column in
        let sum = max(1, sums[column])
        return (Double(matrix.counts[row][column]) / Double(sum) * 1000).rounded() / 1000
      }
    }
    chart.cells = chosen.map { row in
      chosen.map { matrix.counts[row][$0] == 0 ? "" : "\(matrix.counts[row][$0])" }
    }
    chart.height = min(900, 260 + 16 * chosen.count)
    var pairs: [(row: Int, column: Int)] = []
    for row in 0..<count {
      for column in 0..<count where matrix.counts[row][column] > 0 { pairs.append((row, column)) }
    }
    pairs.sort { matrix.counts[$0.row][$0.column] > matrix.counts[$1.row][$1.column] }
    let rows = pairs.prefix(300).map {
      [name($0.row), name($0.column), "\(matrix.counts[$0.row][$0.column])"]
    }
    return PageChart(
      title: .word("chart.confusion"),
      data: chart,
      table: PageTable(
        ["axis.predicted", "axis.actual", "column.count"],
        texts: rows,
        numeric: [2]
      )
    )
  }
}
