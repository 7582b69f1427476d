import Datasets
import Detectors
import Diagnostics
import Files
import Formats
import Graphs
public import Metrics
import Models
import Passes
public import Reports

/// Where accuracy goes between a checkpoint as its authors measure it and what is deployed.
///
/// One thing changes at a time: rectangles → squares → the scaling of `detect` → the ONNX file →
/// bfloat16 → 8 bits → the suppression of `detect`. Each change is booked with the 95 % interval of a
/// bootstrap that draws the same pictures for both. bfloat16 and 8 bits are both booked against the ONNX
/// file in float32.
public struct LedgerJob: Sendable {
  /// A checkpoint.
  public var model: String
  /// The quantised ONNX file of the same model.
  public var quantizedModel: String
  /// A labelled data set, as `val` takes it.
  public var data: String
  /// The folder with the pictures of an annotation file; nil looks for it.
  public var pictureFolder: String?
  /// The calibration table, whose pictures must not be among those that are judged.
  public var calibration: String?
  /// How sizes are rounded where scaling is YOLOv5's `val`.
  public var rounding = ValidateJob.Rounding.down
  /// What runs the network.
  public var backend = BackendChoice()
  /// Draws of the bootstrap.
  public var resampleCount = 1000

  /// Creates a job.
  public init(model: String, quantizedModel: String, data: String) {
    self.model = model
    self.quantizedModel = quantizedModel
    self.data = data
  }

  /// Measures, and puts the result into a report.
  /// - Throws: `calibration.leakage`, and what exporting and validating throw.
  public func report(progress: @escaping ProgressHandler = { _ in }) async throws -> Report {
    var record = QuantizationRecord()
    record.ledger = try await run(progress: progress)
    return try Report.of(record, "compare ledger", model: model, backend)
  }

  private struct Step {
    var name: String
    var model: String
    var change: (inout ValidateJob) -> Void = { _ in }
    /// The step that it is booked against; nil: the one before.
    var base: String?
  }

  /// Measures.
  /// - Throws: as ``report(progress:)``.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws -> AccuracyLedger {
    let pictures = try checkLeakage()
    let folder = try TemporaryFolder()
    let exported = folder.path + "/float.onnx"
    try export(to: exported)
    var outcomes: [String: ValidateJob.Outcome] = [:]
    var ledger: AccuracyLedger?
    var last: String?
    for step in steps(exported) {
      let outcome = try await validate(step, progress)
      let record = outcome.record
      var entries =
        ledger
        ?? AccuracyLedger(
          model: String(model.split(separator: "/").last ?? ""),
          dataset: record.dataset.name,
          pictureCount: record.dataset.pictureCount,
          backend: backend.name
        )
      let base = (step.base ?? last).flatMap { outcomes[$0] }
      var change: PrecisionMeasurement.Change?
      if let base { change = try await Self.changes(from: base, to: outcome)["AP"] }
      entries.entries.append(
        AccuracyLedger.Entry(
          step: step.name,
          averagePrecision: record.boxes?.coco.first { $0.name == "AP" }?.value ?? 0,
          change: change
        )
      )
      ledger = entries
      outcomes[step.name] = outcome
      last = step.name
    }
    guard var ledger else { throw DeployError(.compareNothing, "nothing was measured") }
    if let before = outcomes["onnx"], let after = outcomes["int8"] {
      ledger.book(before, after, try await Self.changes(from: before, to: after))
    }
    ledger.calibrationPictures = pictures.calibration
    ledger.judgedPictures = pictures.judged
    return withExtendedLifetime(folder) { ledger }
  }

  private func steps(_ exported: String) -> [Step] {
    // An ONNX file has one size.
    let isFile = model.lowercased().hasSuffix(".onnx")
    var steps = isFile ? [] : [Step(name: "rect", model: model) { $0.shape = .rect }]
    steps += [
      Step(name: "square", model: model),
      Step(name: "resize", model: model) { $0.scaling = .detection },
      Step(name: "onnx", model: exported) { $0.scaling = .detection },
    ]
    if BackendChoice.bfloat16Backends.contains(backend.name) {
      steps.append(
        Step(name: "bf16", model: exported) {
          $0.scaling = .detection
          $0.backend.computesInBFloat16 = true
        }
      )
    }
    return steps + [
      Step(name: "int8", model: quantizedModel, change: { $0.scaling = .detection }, base: "onnx"),
      Step(name: "nms", model: quantizedModel) {
        $0.scaling = .detection
        $0.isMultiLabel = false
        $0.confidence = 0.25
        $0.overlap = 0.45
        $0.maxDetections = 1000
      },
    ]
  }

  private func export(to path: String) throws {
    let graph = try QuantizeJob.network(model, nil)
    try ONNXWriter.write(graph, to: path, opset: 17) { _ in }
  }

  private func validate(
    _ step: Step,
    _ progress: @escaping ProgressHandler
  ) async throws -> ValidateJob.Outcome {
    var job = ValidateJob(model: step.model, data: data)
    job.pictureFolder = pictureFolder
    job.rounding = rounding
    job.backend = backend
    job.resampleCount = resampleCount
    step.change(&job)
    let name = step.name
    return try await job.evaluate { event in
      guard case .began(let stage, let total) = event else { return progress(event) }
      progress(.began(stage: "\(name) \(stage)", total: total))
    }
  }

  private static func changes(
    from first: ValidateJob.Outcome,
    to second: ValidateJob.Outcome
  ) async throws -> [String: PrecisionMeasurement.Change] {
    let figures = try await first.judge.differences(from: first.predictions, to: second.predictions)
    return Dictionary(
      figures.map { figure in
        (
          figure.name,
          PrecisionMeasurement.Change(
            value: figure.value,
            lower: figure.interval?.lower ?? figure.value,
            upper: figure.interval?.upper ?? figure.value
          )
        )
      }
    ) { first, _ in first }
  }

  /// The names of the pictures of either side.
  private func checkLeakage() throws -> (calibration: [String], judged: [String]) {
    let source = try LabelledSource.open(data, pictureFolder: pictureFolder)
    let name = { (path: String) in String(path.split(separator: "/").last ?? "") }
    let judged = source.dataset.pictures.map(\.path)
    guard let calibration else { return ([], judged.map(name)) }
    let table = try CalibrationTable.read(calibration)
    if case .files = source.pictures {
      let digests = Set(table.pictures.map(\.digest))
      let leaked = try judged.filter { digests.contains(try SHA256.hex(ofFile: $0)) }
      if let first = leaked.first {
        throw DeployError(
          .calibrationLeakage,
          "\(leaked.count) of the \(judged.count) pictures were calibrated with",
          at: .file(path: first),
          remedy: "leave them out of one of the two"
        )
      }
    }
    return (table.pictures.map { name($0.path) }, judged.map(name))
  }
}

extension AccuracyLedger {
  /// Books what 8 bits do to each class and range of sizes.
  fileprivate mutating func book(
    _ before: ValidateJob.Outcome,
    _ after: ValidateJob.Outcome,
    _ changes: [String: PrecisionMeasurement.Change]
  ) {
    guard let old = before.record.boxes, let new = after.record.boxes else { return }
    sizes = zip(old.sizes, new.sizes).map { old, new in
      Damage(
        name: old.name,
        instanceCount: old.instanceCount,
        before: old.averagePrecision,
        after: new.averagePrecision,
        change: changes["AP" + old.name]
      )
    }
    classes = zip(old.classes, new.classes).filter { $0.0.instanceCount > 0 }.map { old, new in
      Damage(
        name: old.name,
        instanceCount: old.instanceCount,
        before: old.cocoAP,
        after: new.cocoAP
      )
    }.sorted { ($0.after - $0.before, $0.name) < ($1.after - $1.before, $1.name) }
  }
}

extension Diagnostic.ID {
  /// Pictures that are both calibrated and measured with.
  static let calibrationLeakage: Self = "calibration.leakage"
}
