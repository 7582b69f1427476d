import Backends
import Diagnostics
import Graphs
import Models
import Passes

extension BackendChoice {
  /// A network, ready to make sessions.
  struct Opened {
    var plan: any Plan
    var contract: ModelContract?
    var diagnostics: [Diagnostic]
    /// What the plan was built from, with open extents as they are; nil for plan files.
    var graph: Graph?
  }

  /// Opens a model's file with this choice: a plan file as its own backend does, whatever is chosen;
  /// an ONNX file as it is where the backend reads such files; anything else as a graph that is built.
  /// - Parameter extraPasses: what is done to a graph besides the passes of an export.
  func open(
    _ model: String,
    _ options: ImportOptions,
    _ configuration: BuildConfiguration,
    extraPasses: [any Pass] = []
  ) async throws -> Opened {
    if try PlanInspection.isPlan(model) {
      let plan = try planFile(model, configuration)
      return Opened(plan: plan, contract: plan.info.contract, diagnostics: [], graph: nil)
    }
    let engine = try open()
    let (graph, notes) = try ModelSource.open(model).graph(options)
    if model.lowercased().hasSuffix(".onnx"), extraPasses.isEmpty,
      let runtime = engine as? any FileBackend
    {
      let plan = try runtime.load(
        onnxFile: model,
        configuration: configuration,
        contract: graph.contract
      )
      return Opened(plan: plan, contract: graph.contract, diagnostics: notes, graph: graph)
    }
    let passes = PassCatalog.export.passes + extraPasses
    let optimised = try PassManager(passes).run(on: graph).graph
    let built = try await engine.build(optimised, configuration: configuration)
    return Opened(
      plan: built.plan,
      contract: graph.contract,
      diagnostics: notes + built.diagnostics,
      graph: optimised
    )
  }

  /// A plan file, loaded by the backend whose it is.
  /// - Throws: IDs of `plan.` and `file.`, `backend.unavailable`.
  func planFile(_ path: String, _ configuration: BuildConfiguration) throws -> any Plan {
    let owner = try PlanInspection.owner(of: path, self)
    return try owner.loadPlan(path: path, configuration: configuration)
  }
}
