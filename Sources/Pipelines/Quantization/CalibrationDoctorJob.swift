import Datasets
import Detectors
import Diagnostics
import Files
import Graphs
import Images
public import Metrics
import Models
import Passes
public import Reports
import Tensors

/// A calibration and its pictures → what is wrong with them, by name.
public struct CalibrationDoctorJob: Sendable {
  /// The model that was calibrated.
  public var model: String
  /// The calibration table, or a calibration cache of TensorRT.
  public var calibration: String
  /// The pictures, where the file does not name them: folders or globs.
  public var images: [String] = []
  /// Pictures that will be measured with.
  public var against: [String] = []
  /// Whether methods and numbers of pictures are compared, too.
  public var compares = false
  /// How ranges are chosen.
  public var method = CalibrationMethod.lp
  /// At most this many pictures are looked at.
  public var sampleCount = 128
  /// What runs the network.
  public var backend = BackendChoice()

  /// Creates a job.
  public init(model: String, calibration: String) {
    self.model = model
    self.calibration = calibration
  }

  /// The findings as a document for reports.
  public func report(_ findings: CalibrationFindings) throws -> Report {
    var record = QuantizationRecord()
    record.calibration = findings
    return try Report.of(record, "calibrate", model: model, backend)
  }

  /// Examines.
  /// - Throws: `calibration.no-pictures` where nothing says which pictures were observed, and what
  ///   reading, building and running throw.
  public func run(
    progress: @escaping ProgressHandler = { _ in }
  ) async throws -> CalibrationFindings {
    progress(.began(stage: "examine", total: nil))
    let source = try QuantizationSource(calibration, model: model)
    let graph = try QuantizeJob.network(model, source.imageSize)
    let paths = try picturePaths(source)
    var findings = CalibrationFindings(
      model: String(model.split(separator: "/").last ?? ""),
      pictureCount: source.pictureCount,
      method: method
    )
    let looks = try paths.map { try PictureLook($0) }
    findings.judge(looks)
    findings.brightness = Self.brightness(looks)
    try judgeLeakage(looks, &findings)
    try PreprocessingParity(graph, source, paths: paths).judge(&findings)
    findings.saturation = saturation(source)
    findings.judgeSaturation()
    progress(.finished(summary: counted(paths.count, "picture")))
    progress(.began(stage: "detect", total: nil))
    let evaluation = try evaluation(paths, graph)
    let found = try await evaluation.predictions(graph)
    let objects = found.map { $0.filter { $0.score >= 0.25 } }
    findings.judge(objects, classNames: evaluation.source.dataset.classNames)
    findings.suggested = CalibrationSuggestion(looks, objects).paths
    progress(.finished(summary: counted(objects.reduce(0) { $0 + $1.count }, "object")))
    if compares { try await compare(source, graph, evaluation, found, paths, &findings, progress) }
    return findings
  }

  private func picturePaths(_ source: QuantizationSource) throws -> [String] {
    var paths: [String] = []
    if case .table(let table) = source { paths = table.pictures.map(\.path) }
    if paths.isEmpty || !paths.allSatisfy(FileAccess.isReadable) {
      guard !images.isEmpty else {
        throw DeployError(
          .calibrationNoPictures,
          paths.isEmpty
            ? "the file does not say which pictures were observed"
            : "the pictures that were observed are not there any more",
          at: .file(path: paths.first { !FileAccess.isReadable($0) } ?? calibration),
          remedy: "name them with --images"
        )
      }
      paths = try ImageSource.paths(images)
    }
    guard paths.count > sampleCount else { return paths }
    return (0..<sampleCount).map { paths[$0 * paths.count / sampleCount] }
  }

  private func evaluation(_ paths: [String], _ graph: Graph) throws -> GraphEvaluation {
    try GraphEvaluation(
      data: nil,
      pictureFolder: nil,
      images: paths,
      limit: sampleCount,
      contract: graph.contract,
      backend: backend
    )
  }

  private static func brightness(_ looks: [PictureLook]) -> [CalibrationFindings.Count] {
    ["0 … 63", "64 … 127", "128 … 191", "192 … 255"].enumerated().map { index, name in
      CalibrationFindings.Count(name, looks.count { Int($0.mean) / 64 == index })
    }
  }

  private func judgeLeakage(_ looks: [PictureLook], _ findings: inout CalibrationFindings) throws {
    guard !against.isEmpty else { return }
    let known = Set(looks.map(\.digest))
    let leaked = try ImageSource.paths(against).filter {
      known.contains(try SHA256.hex(ofFile: $0))
    }
    guard let first = leaked.first else { return }
    findings.findings.append(
      CalibrationFindings.Finding(
        "leakage",
        isProblem: true,
        "\(leaked.count) of the pictures to measure with were calibrated with, such as \(first)",
        remedy: "leave them out of one of the two"
      )
    )
  }

  private func saturation(_ source: QuantizationSource) -> [CalibrationFindings.Saturation] {
    guard case .table(let table) = source else { return [] }
    let ranges = table.ranges(method, .asymmetric)
    let all = table.entries.compactMap { entry -> CalibrationFindings.Saturation? in
      guard let range = ranges[entry.value] else { return nil }
      let span = entry.histogram.greatest - entry.histogram.least
      return CalibrationFindings.Saturation(
        value: entry.value,
        clippedShare: entry.histogram.clippedShare(range),
        spanShare: span > 0 ? Double((range.upper - range.lower) / span) : 1
      )
    }
    return Array(all.sorted { $0.clippedShare > $1.clippedShare }.prefix(10))
  }

  /// Every method, and fewer pictures by the chosen one.
  private func compare(
    _ source: QuantizationSource,
    _ graph: Graph,
    _ evaluation: GraphEvaluation,
    _ found: [[Prediction]],
    _ paths: [String],
    _ findings: inout CalibrationFindings,
    _ progress: @escaping ProgressHandler
  ) async throws {
    var judged = evaluation
    try judged.setTruth(found)
    let evaluation = judged
    let counts = [4, 8, 16, 32, 64, 128, 256].filter { $0 < paths.count }
    let total = CalibrationMethod.allCases.count + counts.count
    progress(.began(stage: "compare", total: total))
    func trial(_ name: String, _ table: CalibrationTable, _ method: CalibrationMethod) async throws
      -> CalibrationFindings.Trial
    {
      try Task.checkCancellation()
      var pass = InsertQuantization(
        ranges: table.ranges(method, .asymmetric),
        scheme: .asymmetric
      )
      pass.means = table.means
      let quantized = try PassManager([pass, RemoveDeadCode()]).run(on: graph).graph
      let figures = try evaluation.figures(try await evaluation.predictions(quantized))
      return CalibrationFindings.Trial(name, agreement: figures.agreement, averagePrecision: nil)
    }
    guard case .table(let table) = source else { return }
    for method in CalibrationMethod.allCases {
      findings.methods.append(try await trial(method.rawValue, table, method))
      progress(.advanced(findings.methods.count))
    }
    for count in counts {
      var job = CalibrateJob(model: model, sources: paths)
      job.sampleCount = count
      job.imageSize = table.imageSize
      job.backend = backend
      findings.pictureCounts.append(try await trial("\(count)", try await job.run(), method))
      progress(.advanced(findings.methods.count + findings.pictureCounts.count))
    }
    findings.pictureCounts.append(try await trial("\(paths.count)", table, method))
    findings.judgeMethods()
    progress(.finished(summary: counted(total, "trial")))
  }
}

extension Diagnostic.ID {
  /// A table whose pictures are not known.
  static let calibrationNoPictures: Self = "calibration.no-pictures"
}
