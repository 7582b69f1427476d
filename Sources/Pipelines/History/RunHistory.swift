import Diagnostics
import Files
import FoundationEssentials
public import Histories
import Metrics
public import Reports

/// The runs that this user's commands have made: one call stores, others list and compare.
///
///     let id = try history.record(report, model: "yolov5n.pt")
public struct RunHistory: Sendable {
  /// The folder of the database.
  public var folder: String
  /// The version of this program, as precisely as is known.
  public var version: String

  /// Describes a history; nothing is opened yet.
  public init(folder: String, version: String) {
    self.folder = folder
    self.version = version
  }

  /// Stores a report.
  /// - Parameters:
  ///   - model: the model's path.
  ///   - name: what the user calls the run.
  /// - Returns: the run's number.
  /// - Throws: `file.not-found`, `file.unwritable`, `history.unreadable`, `history.too-new`.
  @discardableResult
  public func record(_ report: Report, model: String, name: String? = nil) throws -> Int64 {
    let hash = try SHA256.hex(ofFile: model)
    let machine = Self.machine
    let run = StoredRun(
      date: report.date,
      command: report.command,
      name: name,
      model: report.subject.file,
      modelHash: hash,
      version: version,
      machine: machine,
      report: String(decoding: try report.json(), as: UTF8.self),
      configurations: StoredConfiguration.all(of: report, modelHash: hash, machine: machine)
    )
    return try RunStore(folder: folder).add(run)
  }

  /// The newest runs first.
  public func list(limit: Int = 1000) throws -> [StoredRun] {
    try RunStore(folder: folder).runs(limit: limit)
  }

  /// A run with its report.
  public func run(_ id: Int64) throws -> StoredRun { try RunStore(folder: folder).run(id) }

  /// The report of a run, as it was kept.
  /// - Throws: what ``run(_:)`` throws; `history.unreadable` where it is no report any more.
  public func report(of id: Int64) throws -> String {
    let text = try run(id).report
    guard (try? JSONDecoder().decode(Report.self, from: Data(text.utf8))) != nil else {
      throw DeployError(
        .historyUnreadable,
        "the report of run \(id) is damaged",
        at: .file(path: folder),
        remedy: "delete that run with `vitrine runs delete \(id)`"
      )
    }
    return text
  }

  /// Deletes runs, all of them or none.
  public func delete(_ ids: [Int64]) throws { try RunStore(folder: folder).delete(ids) }

  /// The processor and how many of them: figures of other machines are not compared.
  static var machine: String { "\(Machine.processor), \(MachineProbe.processorCount) processors" }
}

extension StoredConfiguration {
  /// A measured configuration, as it is kept.
  init(_ record: BenchmarkRecord, modelHash: String, machine: String) {
    let parts = [
      modelHash, record.backend, record.scenario.rawValue, "batch \(record.batch)",
      record.threadCount.map { "\($0) threads" } ?? "threads chosen", record.precision,
      record.inputShape.map(String.init).joined(separator: "×"), machine,
    ]
    var figures: [String: Double] = [:]
    figures["engine P50 ms"] = record.engine?.summary.p50
    figures["engine P90 ms"] = record.engine?.summary.p90
    figures["engine P99 ms"] = record.engine?.summary.p99
    figures["end-to-end P50 ms"] = record.endToEnd?.summary.p50
    figures["end-to-end P90 ms"] = record.endToEnd?.summary.p90
    figures["end-to-end P99 ms"] = record.endToEnd?.summary.p99
    figures["engine images/s"] = record.engineThroughput
    figures["end-to-end images/s"] = record.endToEndThroughput
    figures["peak bytes"] = record.resources.map { Double($0.peakResidentBytes) }
    figures["CPU ms/image"] = record.resources.map { $0.processorSecondsPerImage * 1000 }
    var samples: [String: [Double]] = [:]
    samples["engine ms"] = record.engine?.milliseconds
    samples["end-to-end ms"] = record.endToEnd?.milliseconds
    if let after = record.machineAfter {
      let threads = record.threadCount ?? after.processorCount
      figures["busy machine"] =
        MachineProbe.obstacle(after, threadCount: threads) == nil ? 0 : 1
    }
    if let control = record.control {
      samples["control ms: \(control.kernel)"] = control.controlMilliseconds
      samples["network ms"] = control.networkMilliseconds
    }
    self.init(
      key: parts.joined(separator: " | "),
      label: record.label,
      figures: figures,
      samples: samples
    )
  }

  /// Why nothing can be concluded from the configuration.
  var obstacle: String? {
    guard figures["busy machine"] == 1 else { return nil }
    return "others took most of the processor time in one of the runs"
  }

  /// The legs with their control, if they were stored.
  var control: ControlSeries? {
    let prefix = "control ms: "
    guard let name = samples.keys.first(where: { $0.hasPrefix(prefix) }),
      let control = samples[name], let network = samples["network ms"]
    else { return nil }
    return ControlSeries(
      kernel: String(name.dropFirst(prefix.count)),
      controlMilliseconds: control,
      networkMilliseconds: network
    )
  }
}
