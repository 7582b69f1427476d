import Reports

extension Reports.Check {
  /// A check mark, the name and the verdict; below them the figures of a check that fails.
  var text: String {
    let mark = passes ? Style.green("✓") : Style.red("✗")
    let head = "\(mark) \(name): \(verdict)"
    let lines = figures.map { figure in
      "    \(pad(figure.name, 28)) \(figure.value)" + (figure.limit.map { "  (limit \($0))" } ?? "")
    }
    return ([head] + (passes ? [] : lines)).joined(separator: "\n")
  }
}
