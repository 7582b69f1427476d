import Histories
import Metrics
import Pipelines

extension StoredRun {
  /// One row for each configuration; the run's own cells on the first.
  func add(to table: inout Table) {
    let head = ["\(id ?? 0)", date, command, name ?? "", model]
    guard !configurations.isEmpty else { return table.add(head + ["", "", "", ""]) }
    for (index, configuration) in configurations.enumerated() {
      let figures = configuration.figures
      let throughput = figures["end-to-end images/s"] ?? figures["engine images/s"]
      let accuracy =
        figures["masks COCO AP"] ?? figures["boxes COCO AP"] ?? figures["classes top1"]
      table.add(
        (index == 0 ? head : [String](repeating: "", count: head.count)) + [
          configuration.label,
          (figures["engine P50 ms"] ?? figures["run ms"]).map { decimal($0, 2) } ?? "",
          throughput.map { decimal($0, 1) } ?? "", accuracy.map { decimal($0, 4) } ?? "",
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

extension RunComparison {
  /// The verdicts, then the other figures side by side.
  func text(_ baseline: Int64, _ candidate: Int64) -> String {
    var lines = verdicts.map(\.text)
    guard !figures.isEmpty else { return lines.joined(separator: "\n") }
    var table = Table(
      ["configuration", "figure", "run \(baseline)", "run \(candidate)", "change"],
      numeric: [2, 3, 4]
    )
    for figure in figures {
      let change = figure.later - figure.earlier
      let share = figure.earlier == 0 ? "" : " (\(signed(change / figure.earlier * 100, 1)) %)"
      table.add([
        figure.label, figure.figure, figure.earlier.plain, figure.later.plain,
        change == 0 ? "same" : signed(change, 4) + share,
      ])
    }
    lines.append(table.text)
    let models = figures.allSatisfy(\.isSameModel) ? "" : "the runs had different models; "
    lines.append(
      Style.dim(models + "figures side by side, not a verdict: runs were not interleaved")
    )
    return lines.joined(separator: "\n")
  }

  private func signed(_ value: Double, _ digits: Int) -> String {
    (value > 0 ? "+" : "") + decimal(value, digits)
  }
}

extension Double {
  /// Whole numbers without decimals, others with four.
  fileprivate var plain: String { self == rounded() ? decimal(self, 0) : decimal(self, 4) }
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
