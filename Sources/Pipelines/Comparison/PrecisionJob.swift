import Backends
import Diagnostics
import Files
import Formats
import Graphs
import Metrics
import Models
import Passes
public import Reports
import Tensors

/// One model in several precisions: accuracy by `val`'s rules, speed in turns, size of the file.
public struct PrecisionJob: Sendable {
  /// A number format that a network can be brought into.
  public enum Precision: String, Sendable, CaseIterable, Codable {
    case fp32
    case fp16
    case bf16
    case int8
  }

  /// A checkpoint or an ONNX file in single precision.
  public var model: String
  /// A labelled data set, as `val` takes it.
  public var data: String
  /// The folder with the pictures of an annotation file; nil looks for it.
  public var pictureFolder: String?
  /// The precisions, the first being what the others are compared with.
  public var precisions = Precision.allCases
  /// A quantised ONNX file of the same model (with QuantizeLinear and DequantizeLinear nodes).
  public var quantizedModel: String?
  /// What runs the network.
  public var backend = BackendChoice()
  /// Height and width in pixels; nil takes the model's.
  public var imageSize: [Int]?
  /// Seconds of timing for each precision.
  public var duration = 10.0
  /// Draws of the paired bootstrap.
  public var resampleCount = 1000

  /// Creates a job.
  public init(model: String, data: String) {
    self.model = model
    self.data = data
  }

  /// Measures, and puts the result into a report.
  /// - Throws: what exporting, validating and measuring throw.
  public func report(progress: @escaping ProgressHandler = { _ in }) async throws -> Report {
    var report = try Report.begun(
      "compare precision",
      model: model,
      imageSize: imageSize,
      environment: Machine.facts(backend)
    )
    let folder = try TemporaryFolder()
    let variants = try makeVariants(in: folder.path, progress)
    try checkPresence(variants.map(\.row))
    var outcomes: [Int: ValidateJob.Outcome] = [:]
    for (index, variant) in variants.enumerated() where variant.row.absence == nil {
      outcomes[index] = try await validate(variant, progress)
    }
    report.accuracy = outcomes.sorted { $0.key < $1.key }.map(\.value.record)
    let contenders = try await contenders(variants)
    let timing = try measure(contenders, progress)
    var rows = variants.map(\.row)
    for index in rows.indices {
      if let outcome = outcomes[index] {
        rows[index].fill(outcome)
        if index > 0, let first = outcomes[0] {
          rows[index].change = try await change(from: first, to: outcome)
        }
      }
      if let position = contenders.firstIndex(where: { $0.index == index }) {
        rows[index].fill(
          timing,
          position,
          against: contenders[0].index == 0 ? rows[0].precision : nil
        )
      }
    }
    // The files are mapped until here.
    withExtendedLifetime(folder) {
      report.precision = comparison(rows, outcomes, contenders.first?.contender)
    }
    return report
  }

  private var name: String { String(model.split(separator: "/").last ?? "") }

  /// A network in one precision, or why there is none.
  private struct Variant {
    var row: PrecisionMeasurement
    var file: String
    var backend: BackendChoice
  }

  private func makeVariants(
    in folder: String,
    _ progress: ProgressHandler
  ) throws -> [Variant] {
    progress(.began(stage: "export", total: nil))
    var variants: [Variant] = []
    for precision in precisions { variants.append(try variant(precision, in: folder)) }
    let present = variants.filter { $0.row.absence == nil }.map(\.row.precision)
    progress(.finished(summary: present.joined(separator: ", ")))
    return variants
  }

  /// A comparison of nothing is no answer.
  private func checkPresence(_ rows: [PrecisionMeasurement]) throws {
    guard !rows.contains(where: { $0.absence == nil }) else { return }
    throw DeployError(
      .compareNothing,
      "none of the precisions can be measured on \(backend.name)",
      remedy: "add fp32 to --precisions, or see the reasons below",
      notes: rows.map { row in
        Diagnostic(
          .note,
          .compareNothing,
          "\(row.precision) is absent: \(row.absence ?? "")",
          remedy: row.remedy
        )
      }
    )
  }

  private func variant(_ precision: Precision, in folder: String) throws -> Variant {
    var choice = backend
    choice.executionPrecisionHint = precision == .bf16 ? .bfloat16 : nil
    let file = "\(folder)/\(precision.rawValue).onnx"
    var row = PrecisionMeasurement(precision: precision.rawValue, form: precision.form)
    switch precision {
    case .fp32: try export(to: file, half: false)
    case .fp16: try export(to: file, half: true)
    case .bf16:
      if !BackendChoice.bfloat16Backends.contains(backend.name) {
        row.absence = "\(backend.name) computes no bfloat16 on processors"
        row.remedy = "measure it with --backend native or openvino"
        return Variant(row: row, file: file, backend: choice)
      }
      try export(to: file, half: false)
    case .int8:
      guard let quantizedModel else {
        row.absence = "no quantised network was given"
        row.remedy = "give one with --int8 FILE"
        return Variant(row: row, file: file, backend: choice)
      }
      row.byteCount = try MappedFile(path: quantizedModel).count
      return Variant(row: row, file: quantizedModel, backend: choice)
    }
    row.byteCount = try MappedFile(path: file).count
    return Variant(row: row, file: file, backend: choice)
  }

  /// Accuracy and speed are measured on the same file.
  private func export(to file: String, half: Bool) throws {
    let (graph, _) = try ModelSource.open(model).graph(ImportOptions(imageSize: imageSize))
    let size = imageSize ?? graph.contract?.inputSize ?? [640, 640]
    let bound = try graph.bound(batch: 1, size: size)
    let passes = PassCatalog.export.passes + (half ? [CastToHalf()] : [])
    try ONNXWriter.write(try PassManager(passes).run(on: bound).graph, to: file, opset: 17) { _ in }
  }

  private func validate(
    _ variant: Variant,
    _ progress: @escaping ProgressHandler
  ) async throws -> ValidateJob.Outcome {
    var job = ValidateJob(model: variant.file, data: data)
    job.pictureFolder = pictureFolder
    job.imageSize = imageSize
    job.backend = variant.backend
    job.resampleCount = resampleCount
    var outcome = try await job.evaluate { event in
      guard case .began(let stage, let total) = event else { return progress(event) }
      progress(.began(stage: "\(variant.row.precision) \(stage)", total: total))
    }
    outcome.record.model = "\(name) (\(variant.row.precision))"
    return outcome
  }

  private func change(
    from first: ValidateJob.Outcome,
    to other: ValidateJob.Outcome
  ) async throws -> PrecisionMeasurement.Change? {
    let figures = try await first.judge.differences(from: first.predictions, to: other.predictions)
    guard let figure = figures.first(where: { $0.name == "AP" }) else { return nil }
    return PrecisionMeasurement.Change(
      value: figure.value,
      lower: figure.interval?.lower ?? figure.value,
      upper: figure.interval?.upper ?? figure.value
    )
  }

  private func contenders(
    _ variants: [Variant]
  ) async throws -> [(index: Int, contender: BenchContender)] {
    var contenders: [(index: Int, contender: BenchContender)] = []
    for (index, variant) in variants.enumerated() where variant.row.absence == nil {
      contenders.append(
        (
          index,
          try await BenchContender(
            model: variant.file,
            backend: variant.backend,
            batch: 1,
            imageSize: imageSize
          )
        )
      )
    }
    return contenders
  }

  /// The legs of each, in turns; a leg is a few runs, of which the median counts.
  private func measure(
    _ contenders: [(index: Int, contender: BenchContender)],
    _ progress: ProgressHandler
  ) throws -> [InterleavedRounds.Legs] {
    progress(.began(stage: "measure", total: 100))
    let pool = try PicturePool([], seed: 1)
    let feeds = try contenders.map { _, contender in
      BenchFeed(try pool.tensors(for: contender, seed: 1), into: contender.input)
    }
    for (index, (_, contender)) in contenders.enumerated() {
      feeds[index].next()
      for _ in 0..<Self.warmUpCount { try contender.session.run(observer: nil) }
    }
    let rounds = InterleavedRounds(
      count: contenders.count,
      seconds: duration * Double(contenders.count)
    )
    let clock = ContinuousClock()
    let legs = try rounds.run(progress: { progress(.advanced(Int($0 * 100))) }) { index in
      try Task.checkCancellation()
      let session = contenders[index].contender.session
      try session.run(observer: nil)
      var times: [Double] = []
      for _ in 0..<Self.runsPerLeg {
        feeds[index].next()
        times.append(try clock.measure { try session.run(observer: nil) }.milliseconds)
      }
      return times.sorted()[times.count / 2]
    }
    progress(.finished(summary: counted(legs.first?.count ?? 0, "round")))
    return legs
  }

  private static let runsPerLeg = 3
  fileprivate static let warmUpCount = 3

  private func comparison(
    _ rows: [PrecisionMeasurement],
    _ outcomes: [Int: ValidateJob.Outcome],
    _ contender: BenchContender?
  ) -> PrecisionComparison {
    let record = outcomes.values.first?.record
    return PrecisionComparison(
      model: name,
      dataset: record?.dataset.name ?? "",
      pictureCount: record?.dataset.pictureCount ?? 0,
      backend: backend.name,
      backendVersion: contender?.backendVersion ?? "",
      inputShape: contender?.input.shape.dimensions ?? [],
      threadCount: backend.threadCount ?? 0,
      method: "Accuracy and speed of each precision are measured on the same file: accuracy by the "
        + "rules of YOLOv5's val (square), changes with the 95 % interval of a paired bootstrap over "
        + "the pictures; speed in turns (A B … B A), each turn the median of \(Self.runsPerLeg) runs "
        + "after one that is not timed.",
      rows: rows
    )
  }
}

extension PrecisionJob.Precision {
  fileprivate var form: String {
    switch self {
    case .fp32: "weights and arithmetic in float32"
    case .fp16: "weights, input and output in float16; the backend may compute in float32"
    case .bf16: "the file of fp32; the backend is asked to compute in bfloat16"
    case .int8: "8-bit integers where the file has quantisation nodes"
    }
  }
}

extension PrecisionMeasurement {
  fileprivate mutating func fill(_ outcome: ValidateJob.Outcome) {
    let figures = outcome.record.boxes?.coco ?? []
    averagePrecision = figures.first { $0.name == "AP" }?.value
    averagePrecision50 = figures.first { $0.name == "AP50" }?.value
  }

  fileprivate mutating func fill(
    _ timing: [InterleavedRounds.Legs],
    _ position: Int,
    against first: String?
  ) {
    latency = LatencySummary(
      milliseconds: timing[position].flatMap { $0 },
      warmUpCount: PrecisionJob.warmUpCount
    )
    throughput = latency.map { 1000 / $0.p50 }
    guard position > 0, let first else { return }
    verdict = Verdict(
      baseline: first,
      candidate: precision,
      quantity: "engine",
      blocks: InterleavedRounds.blocks(timing[0], timing[position])
    )
  }
}
