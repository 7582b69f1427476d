public import ArgumentParser
public import Pipelines

extension EnvironmentReport.Target: ExpressibleByArgument {}

/// `vitrine doctor`: what this machine can run.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Shows what this machine can run, each part found by really opening it.",
    discussion: """
      Exit code 1 where the asked-for target cannot run here.

      EXAMPLES
        vitrine doctor
        vitrine doctor --target onnxruntime
        vitrine doctor --json
      """
  )

  @Option(
    name: .long,
    help:
      "Succeed only if this can run: reference, native, onnxruntime, openvino, tensorrt, tensorrt-rtx."
  )
  var target: EnvironmentReport.Target?

  @Option(
    name: .long,
    help: "The Python that is asked for PyTorch; that of Scripts/setup --peers by default."
  )
  var python: String?

  @OptionGroup var common: OutputOptions

  func run() throws {
    var options = Doctor.Options()
    options.cache = Cache.path
    options.python = python ?? Cache.peerPython ?? "python3"
    let report = Doctor.examine(options)
    if common.json {
      try JSONOutput.print(report)
    } else {
      Terminal.print(report.text(for: target))
    }
    if let target, !report.canRun(target) { throw ExitCode(1) }
  }
}

extension EnvironmentReport {
  /// The table, then what is missing with its remedy, then the verdict on the target.
  func text(for target: Target?) -> String {
    var table = Table(["", "component", "found", "needed", "what for"])
    for row in rows {
      table.add([
        row.status.mark, row.component, row.found ?? "–", row.needed ?? "", row.purpose,
      ])
    }
    var lines = [table.text, ""]
    for row in rows where row.status != .ok {
      guard let remedy = row.remedy else { continue }
      let detail = row.detail.map { " (\($0))" } ?? ""
      lines.append("\(row.status.mark) \(Style.bold(row.component))\(detail): \(remedy)")
    }
    let ready = Target.allCases.filter(canRun).map(\.rawValue).joined(separator: ", ")
    lines.append("\nCan run here: \(ready)")
    if let target, !canRun(target) {
      let missing = obstacles(to: target).map(\.component).joined(separator: ", ")
      lines.append("\(Style.red("✗")) \(target.rawValue) cannot: \(missing)")
    }
    return lines.joined(separator: "\n")
  }
}

extension EnvironmentReport.Status {
  var mark: String {
    switch self {
    case .ok: Style.green("✓")
    case .missing: Style.dim("·")
    case .conflict: Style.yellow("!")
    case .unsupported: Style.red("✗")
    }
  }
}
