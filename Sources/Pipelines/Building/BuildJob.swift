public import Backends
public import Diagnostics
import Files
import Formats
import Graphs
public import Metrics
import Models
import Passes
import Tensors

/// A model file → a backend's plan file.
public struct BuildJob: Sendable {
  /// The model: a checkpoint or an ONNX file.
  public var model: String
  /// The file to write; by default the model's name with `.plan`.
  public var output: String?
  /// Which backend builds, and where its library is.
  public var backend: BackendChoice
  /// How the plan is built.
  public var options = PlanBuildOptions()
  /// Whether float32 parts are computed in bfloat16; nil leaves it to the backend.
  public var computesInBFloat16: Bool? {
    get { options.precision.map { $0 == .bfloat16 } }
    set { options.precision = newValue.map { $0 ? .bfloat16 : .float32 } }
  }
  /// How a checkpoint becomes a graph first.
  public var export = ExportOptions()
  /// A calibration table or a calibration cache of TensorRT, for a builder that quantises by ranges.
  public var calibration: String?
  /// How a table's ranges are chosen; a cache's are what they are.
  public var calibrationMethod = CalibrationMethod.lp

  /// Creates a job.
  public init(model: String, output: String? = nil, backend: BackendChoice) {
    self.model = model
    self.output = output
    self.backend = backend
  }

  /// Builds and writes.
  /// - Throws: `build.no-plan-files`, and what reading, importing, building and writing throw.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws -> BuildPlanResult {
    let start = ContinuousClock.now
    let builder = try Self.planBackend(backend)
    let path = output ?? Self.defaultOutput(for: model)
    try refusePlan()
    try refuseToReplaceInputs(path)
    progress(.began(stage: "import", total: nil))
    let (graph, notes, isCheckpoint) = try graph()
    progress(.finished(summary: "\(graph.nodeCount) nodes"))
    let options = try calibrated()
    progress(.began(stage: "build", total: nil))
    let relay = StageRelay(progress)
    let built = try await builder.buildPlanFile(
      graph,
      options: options,
      source: PlanSource(
        name: String(model.split(separator: "/").last ?? ""),
        digest: try SHA256.hex(ofFile: model),
        path: RelativePath.path(of: model, fromFolderOf: path),
        export: isCheckpoint ? export.ofPlan : nil
      )
    ) { relay.take($0) }
    try AtomicFile.write(built.bytes, to: path)
    progress(.finished(summary: "\(path), \(built.bytes.count / 1000) kB"))
    return BuildPlanResult(
      model: model,
      output: path,
      byteCount: built.bytes.count,
      plan: built.description,
      decisions: built.decisions,
      diagnostics: notes + built.diagnostics,
      milliseconds: (ContinuousClock.now - start).milliseconds
    )
  }

  /// The backend, found to keep plans in files and to be available.
  /// - Throws: `build.no-plan-files`, `backend.unknown`, `backend.unavailable`.
  static func planBackend(_ choice: BackendChoice) throws -> any PlanFileBackend {
    guard try choice.catalog.backend(named: choice.name) is any PlanFileBackend else {
      let names = choice.catalog.all.filter { $0 is any PlanFileBackend }
        .map { type(of: $0).name }
      throw DeployError(
        .buildNoPlanFiles,
        "\(choice.name) keeps no plans in files",
        at: .option("--backend"),
        remedy: "use one of: \(names.joined(separator: ", "))"
      )
    }
    guard let backend = try choice.open() as? any PlanFileBackend else {
      throw DeployError(.backendUnknown, "no backend is called '\(choice.name)'")
    }
    return backend
  }

  /// The network as it is built: a checkpoint after the passes of an export, an ONNX file as it is.
  private func graph() throws -> (Graph, [Diagnostic], isCheckpoint: Bool) {
    let source = try ModelSource.open(model)
    let (graph, notes) = try source.graph(export.importOptions)
    guard case .checkpoint = source else { return (graph, notes, false) }
    return (try export.passes().run(on: graph).graph, notes, true)
  }

  /// The options with what the calibration found.
  private func calibrated() throws -> PlanBuildOptions {
    guard let calibration else { return options }
    var options = options
    let source = try QuantizationSource(calibration, model: model)
    options.ranges = source.ranges(calibrationMethod, .symmetric).mapValues { range in
      // TensorRT divides what the greatest value needs into 127 steps, as a cache's scales do.
      let greatest = 127 * QuantizationScheme.symmetric.parameters(range).scale
      return PlanBuildOptions.ValueRange(least: -greatest, greatest: greatest)
    }
    return options
  }

  private func refusePlan() throws {
    guard try PlanInspection.isPlan(model) else { return }
    throw DeployError(
      .buildFromPlan,
      "is a plan already",
      at: .file(path: model),
      remedy: "give the model, or --rebuild to build the plan anew from its own source"
    )
  }

  private func refuseToReplaceInputs(_ path: String) throws {
    let inputs = [model, options.timingCache, calibration].compactMap { $0 }
    guard let input = inputs.first(where: { $0 == path || MappedFile.areSame($0, path) }) else {
      return
    }
    throw DeployError(
      .buildOntoSource,
      "is '\(input)' itself, which would be lost",
      at: .file(path: path),
      remedy: "give another name with --output"
    )
  }

  /// `folder/yolov5s.onnx` → `folder/yolov5s.plan`.
  static func defaultOutput(for model: String) -> String {
    ExportJob.defaultOutput(for: model).dropLast(".onnx".count) + ".plan"
  }
}

/// What a build did.
public struct BuildPlanResult: Sendable, Codable {
  /// The model's path.
  public var model: String
  /// The written file's path.
  public var output: String
  /// The written file's size in bytes.
  public var byteCount: Int
  /// What the file says of itself.
  public var plan: PlanFileDescription
  /// What was tried and what won, where the backend tells.
  public var decisions: [TacticDecision]
  /// Warnings and notes.
  public var diagnostics: [Diagnostic]
  /// The time from opening the model to the whole file, in milliseconds.
  public var milliseconds: Double
}

extension Diagnostic.ID {
  /// A backend without plan files.
  static let buildNoPlanFiles: Self = "build.no-plan-files"
  /// An output that would replace what is read.
  static let buildOntoSource: Self = "build.onto-source"
  /// A plan where a model was meant.
  static let buildFromPlan: Self = "build.from-plan"
}
