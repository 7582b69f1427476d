import Histories
import Metrics
import Pipelines

extension StoredRun {
  /// One row for each configuration; the run's own cells on the first.
  func add(to table: inout Table) {
    let head = ["\(id ?? 0)", date, command, name ?? "", model]
    guard !configurations.isEmpty else { return table.add(head + ["", "", ""]) }
    for (index, configuration) in configurations.enumerated() {
      let figures = configuration.figures
      let throughput = figures["end-to-end images/s"] ?? figures["engine images/s"]
      table.add(
        (index == 0 ? head : [String](repeating: "", count: head.count)) + [
          configuration.label,
          figures["engine P50 ms"].map { decimal($0, 2) } ?? "",
          throughput.map { decimal($0, 1) } ?? "",
        ]
      )
    }
  }

  /// One row for each figure.
  var figureRows: [[String]] {
    let head = [
      "\(id ?? 0)", date, command, name ?? "", model, modelHash, version, machine,
    ]
    return configurations.flatMap { configuration in
      configuration.figures.sorted { $0.key < $1.key }.map { figure in
        head + [configuration.label, figure.key, "\(figure.value)"]
      }
    }
  }
}

extension HistoryVerdict {
  /// The verdict, its figures and how sure they are.
  var text: String {
    """
    \(label), against run \(runID) of \(date):
      \(Style.bold(verdict.words))
      \(Style.dim(verdict.detail))
      \(Style.dim(basis))
    """
  }
}
