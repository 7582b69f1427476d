import ArgumentParser
import Reports

/// Whether a run is kept, and under which name.
struct HistoryOptions: ParsableArguments {
  @Option(name: .long, help: "A name for this run in the history.")
  var name: String?

  @Flag(name: .customLong("no-history"), help: "Do not keep this run.")
  var keepsNothing = false

  func validate() throws {
    if keepsNothing { try GivenOptions.refuse(["--name"], "with --no-history") }
  }

  /// Stores a report, unless that is not wanted.
  /// - Returns: the run's number, if it was stored.
  @discardableResult
  func keep(_ report: Report, model: String) -> Int64? {
    keepsNothing ? nil : DataFolder.keep(report, model: model, name: name)
  }

  /// Stores a report and says under which number.
  func keepAndTell(_ report: Report, model: String, isQuiet: Bool) {
    guard let run = keep(report, model: model), !isQuiet else { return }
    Terminal.print(Style.dim("kept as run \(run): `vitrine runs show \(run)`"))
  }
}
