import Diagnostics
import Files
import Histories
import Metrics
public import Reports

extension RunHistory {
  /// Which earlier run is meant.
  public enum Reference: Sendable, Hashable {
    /// For each configuration the last run that measured it.
    case last
    /// A run by its number.
    case run(Int64)
  }

  /// Each configuration of a report against the same one of an earlier run. To be asked before the
  /// report is stored.
  /// - Parameter model: the model's path.
  /// - Throws: `history.unknown-run`, `history.nothing-comparable`, `history.unreadable`.
  public func compare(
    _ report: Report,
    model: String,
    against reference: Reference
  ) throws -> [HistoryVerdict] {
    let hash = try SHA256.hex(ofFile: model)
    var run = StoredRun(
      date: report.date,
      command: report.command,
      model: report.subject.file,
      modelHash: hash,
      version: version,
      machine: Self.machine,
      report: ""
    )
    run.configurations = report.benchmarks.map {
      StoredConfiguration($0, modelHash: hash, machine: Self.machine)
    }
    return try compare(run, named: "this run", against: reference)
  }

  /// Each configuration of a stored run against the same one of another: verdicts where a control
  /// was timed in turns with the network, the figures side by side otherwise.
  /// - Throws: `history.unknown-run`, `history.nothing-comparable`, `history.unreadable`.
  public func compare(_ candidate: Int64, against baseline: Int64) throws -> RunComparison {
    let (later, earlier) = (try run(candidate), try run(baseline))
    let figures = FigureChange.between(earlier, later)
    do {
      let verdicts = try compare(later, named: "run \(candidate)", against: .run(baseline))
      return RunComparison(verdicts: verdicts, figures: figures)
    } catch let error as DeployError where error.id == .historyNothingComparable && !figures.isEmpty
    {
      return RunComparison(verdicts: [], figures: figures)
    }
  }

  private func compare(
    _ later: StoredRun,
    named name: String,
    against reference: Reference
  ) throws -> [HistoryVerdict] {
    let store = try RunStore(folder: folder)
    var stated: StoredRun?
    if case .run(let id) = reference { stated = try store.run(id) }
    let verdicts = try later.configurations.compactMap { configuration -> HistoryVerdict? in
      let known = try store.runs(measuring: configuration.key).filter { $0.id != later.id }
      guard let earlier = stated ?? known.first,
        let match = earlier.configurations.first(where: { $0.key == configuration.key }),
        let (before, after) = zipped(match.control, configuration.control)
      else { return nil }
      let build = known.filter { Self.build($0.version) == Self.build(earlier.version) }
      let scatter = RunScatter(build.compactMap { $0.configurations.first?.control })
      let verdict = Verdict(
        baseline: "run \(earlier.id ?? 0)",
        candidate: name,
        earlier: before,
        later: after,
        scatter: scatter,
        obstacle: configuration.obstacle ?? match.obstacle
      )
      return HistoryVerdict(
        label: configuration.label,
        runID: earlier.id ?? 0,
        date: earlier.date,
        verdict: verdict,
        basis: basis(verdict, scatter, before, after)
      )
    }
    guard verdicts.isEmpty else { return verdicts }
    throw DeployError(
      .historyNothingComparable,
      "no earlier run measured the same model, backend, scenario, batch, threads, precision and "
        + "shape on this machine",
      remedy: "see `vitrine runs list`, and run once more to have something to compare with"
    )
  }

  private func zipped(
    _ before: ControlSeries?,
    _ after: ControlSeries?
  ) -> (ControlSeries, ControlSeries)? {
    guard let before, let after else { return nil }
    return (before, after)
  }

  /// How sure a verdict is, in sentences.
  private func basis(
    _ verdict: Verdict,
    _ scatter: RunScatter,
    _ before: ControlSeries,
    _ after: ControlSeries
  ) -> String {
    let reach = Int((max(verdict.ratio - verdict.lower, 0) * 100).rounded(.up))
    let share = (scatter.standardDeviation * 1000).rounded() / 10
    let source =
      scatter.runCount > 0
      ? "as \(scatter.runCount) earlier runs of that build do"
      : "which is assumed until there are \(RunScatter.minimumRunCount) earlier runs"
    let drift = (after.middleControl / max(before.middleControl, .leastNormalMagnitude) - 1) * 100
    let machine = abs(drift) < 1 ? "as fast as" : drift > 0 ? "slower than" : "faster than"
    return "the runs were not interleaved: each is judged by a control kernel timed in turns with "
      + "the network (the machine was \(machine) then, by "
      + "\((abs(drift) * 10).rounded() / 10) %), and runs are taken to scatter by \(share) %, "
      + "\(source); differences below about \(reach) % cannot be seen"
  }
}

extension ControlSeries {
  /// The median time of the control kernel, in milliseconds.
  fileprivate var middleControl: Double {
    controlMilliseconds.isEmpty ? 0 : controlMilliseconds.sorted()[controlMilliseconds.count / 2]
  }
}

extension Diagnostic.ID {
  /// An earlier run that measured nothing alike.
  static let historyNothingComparable: Self = "history.nothing-comparable"
}
