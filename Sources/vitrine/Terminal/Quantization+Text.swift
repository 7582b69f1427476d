import Detectors
import Metrics

extension Detection {
  /// The box in one line.
  func words(_ classNames: [String]) -> String {
    let name = classNames.indices.contains(classIndex) ? classNames[classIndex] : "\(classIndex)"
    let corners = [box.x1, box.y1, box.x2, box.y2].map { decimal(Double($0), 0) }
    return "\(name) \(decimal(Double(confidence), 2)) at \(corners.joined(separator: " "))"
  }
}

extension CalibrationFindings {
  /// What is wrong first, then what was found out.
  var text: String {
    var lines: [String] = []
    for finding in findings {
      let mark = finding.isProblem ? Style.red("✗") : "•"
      lines.append("\(mark) \(Style.bold(finding.name)): \(finding.words)")
      lines.append("    try: \(finding.remedy)")
    }
    let problems = findings.filter(\.isProblem).count
    lines.append(
      problems == 0
        ? "\(Style.green("✓")) nothing is wrong with this calibration"
        : "\(Style.red("✗")) \(problems) problem\(problems == 1 ? "" : "s")"
    )
    func counts(_ counts: [Count]) -> String {
      counts.prefix(12).map { "\($0.name) \($0.count)" }.joined(separator: ", ")
        + (counts.count > 12 ? ", … \(counts.count) in all" : "")
    }
    lines.append("  classes     \(counts(classes))")
    lines.append("  sizes       \(counts(sizes))")
    lines.append("  brightness  \(counts(brightness))")
    for value in saturation.prefix(3) where value.clippedShare > 0 {
      lines.append(
        "  clipped     \(value.value): \(decimal(100 * value.clippedShare, 3)) % of the elements, range "
          + "\(decimal(100 * value.spanShare, 0)) % of the span"
      )
    }
    if !methods.isEmpty {
      lines.append("  methods     " + trials(methods))
      lines.append("  pictures    " + trials(pictureCounts))
    }
    if !suggested.isEmpty {
      lines.append(
        "  suggested   \(suggested.count) pictures cover what all do (--json lists them)"
      )
    }
    return lines.joined(separator: "\n")
  }

  private func trials(_ trials: [Trial]) -> String {
    trials.map { "\($0.name) \(decimal($0.agreement, 4))" }.joined(separator: ", ")
  }
}
