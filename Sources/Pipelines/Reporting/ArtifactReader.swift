import Backends
import Diagnostics
import Files
import Formats
import FoundationEssentials
import Graphs
import Metrics
import Models
import Reports
import Tensors

/// Whatever commands, engines and learners leave behind → documents: reports, plans, Chrome traces, TensorRT's
/// exports and ONNX files, told apart by what is in them.
struct ArtifactReader {
  /// Whether networks are run once to find where their time goes; otherwise only their structure is read.
  var runsNetworks = false
  /// The most that a network which is run may compute and keep: it may come from anywhere.
  static let (operationLimit, byteLimit) = (500.0, 2 << 30)

  /// One document for each file; TensorRT's layers, their times and the network that they were built from
  /// make one together.
  /// - Throws: `report.…`, `trace.…`, `tensorrt.malformed`, and what reading networks and plans throws.
  func read(_ paths: [String]) async throws -> [Report] {
    let files = try paths.map { (path: $0, kind: try Kind(of: $0)) }
    let layers = files.filter { $0.kind == .engineLayers }
    let times = files.first { $0.kind == .engineTimes }?.path
    let network = files.first { $0.kind == .network }?.path
    guard times == nil || layers.count == 1 else {
      throw DeployError(
        .reportUnreadable,
        "holds the times of an engine's layers, which need one description of the layers",
        at: .file(path: times ?? ""),
        remedy: "give the file of trtexec --exportLayerInfo with it"
      )
    }
    var reports: [Report] = []
    for (path, kind) in files {
      switch kind {
      case .report: reports.append(try ReportReader.read(path))
      case .trace: reports.append(try trace(path))
      case .engineLayers:
        let model = layers.count == 1 ? network : nil
        let job = TensorRTProfileJob(layers: path, times: times, model: model)
        reports.append(try job.report(try job.run()))
      case .engineTimes: break
      case .network where layers.count == 1 && path == network: break
      case .network: reports.append(try await self.network(path))
      }
    }
    return reports
  }

  /// What a file is.
  enum Kind {
    /// A report of ours, or a plan.
    case report
    case trace
    case engineLayers, engineTimes
    case network

    init(of path: String) throws {
      if path.lowercased().hasSuffix(".onnx") {
        self = .network
        return
      }
      // Only what could be JSON is looked into; what it is not, its reader says.
      self = try PlanInspection.isPlan(path) ? .report : try Kind(json: path)
    }

    private init(json path: String) throws {
      let file = try MappedFile(path: path)
      guard file.count <= ReportReader.sizeLimit else {
        self = .report
        return
      }
      let shape = withExtendedLifetime(file) {
        try? JSONDecoder().decode(Outline.self, from: Data(file.bytes))
      }
      switch shape?.keys ?? [] {
      case let keys where keys.contains("schemaVersion"): self = .report
      case let keys where keys.contains("traceEvents") || keys.contains("ph"): self = .trace
      case let keys where keys.contains("Layers"): self = .engineLayers
      case let keys where shape?.isList == true && !keys.isDisjoint(with: Self.timeKeys):
        self = .engineTimes
      default: self = .report
      }
    }

    private static let timeKeys: Set<String> = ["count", "timeMs", "averageMs", "medianMs"]
  }

  /// The keys of a document, or of the first element of a list.
  private struct Outline: Decodable {
    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
    var keys: Set<String>
    var isList = false

    init(from decoder: any Decoder) throws {
      if let object = try? decoder.container(keyedBy: Key.self) {
        keys = Set(object.allKeys.map(\.stringValue))
      } else {
        isList = true
        var list = try decoder.unkeyedContainer()
        let first = try list.nestedContainer(keyedBy: Key.self)
        keys = Set(first.allKeys.map(\.stringValue))
      }
    }
  }

  private func trace(_ path: String) throws -> Report {
    var report = try Report.begun("trace", model: nil, file: path)
    report.timelines = try TraceFile.read(path)
    return report
  }

  /// A network's forms before and after our passes, and where its time goes on our own engine.
  private func network(_ path: String) async throws -> Report {
    let opened = try ModelSource.open(path).anyGraph(ImportOptions())
    let contract = opened.graph.contract
    let size = contract?.inputSize ?? [640, 640]
    let graph = try opened.graph.bound(batch: 1, size: size)
    let operations = graph.gigaFLOPs(of: graph.nodes)
    var report = Report(
      command: runsNetworks ? "profile" : "inspect",
      date: Date.now.formatted(.iso8601),
      subject: Subject(
        file: String(path.split(separator: "/").last ?? ""),
        byteCount: try MappedFile(path: path).count,
        family: contract?.family ?? "unknown",
        task: contract?.task.rawValue ?? "unknown",
        classNames: contract?.classNames ?? [],
        parameterCount: graph.parameterCount,
        gigaOperations: operations,
        inputSize: contract?.inputSize ?? []
      ),
      environment: [:]
    )
    var structure = StructureJob(model: path)
    if runsNetworks {
      do {
        try Self.checkSize(graph, operations)
        var job = ProfileJob(model: path)
        job.backend = BackendChoice("native", threadCount: 1)
        (job.runCount, job.warmUpCount, job.measuresPeaks) = (5, 1, false)
        let result = try await job.run()
        report.profiles = [result.profile]
        report.memory = result.memory
        structure.profile = result.profile
      } catch let error as DeployError {
        // What our engine cannot run still has a structure.
        report.diagnostics += error.diagnostics.map { diagnostic in
          var note = diagnostic
          note.severity = .warning
          return note
        }
      }
    }
    report.structure = try structure.run()
    return report
  }

  private static func checkSize(_ graph: Graph, _ operations: Double) throws {
    var bytes = 0
    for type in (graph.inputs + graph.nodes.flatMap(\.outputs)).map({ graph[$0].type }) {
      guard let shape = type.shape else { continue }
      var size = type.scalarType.byteCount
      var isOver = false
      for extent in shape.dimensions {
        (size, isOver) = size.multipliedReportingOverflow(by: extent)
        if isOver { break }
      }
      if !isOver { (bytes, isOver) = bytes.addingReportingOverflow(size) }
      guard !isOver, bytes <= byteLimit else { throw tooLarge("its values take more than 2 GiB") }
    }
    guard operations <= operationLimit else {
      throw tooLarge("it computes \(Int(min(operations, 1e15))) billion operations")
    }
  }

  private static func tooLarge(_ what: String) -> DeployError {
    DeployError(
      .reportTooLargeToRun,
      "the network was not run: \(what)",
      remedy: "profile it by itself with `vitrine profile`"
    )
  }
}

extension Diagnostic.ID {
  /// A network that takes too much to be run for a report.
  static let reportTooLargeToRun: Self = "report.too-large-to-run"
}
