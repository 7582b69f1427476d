import Backends
import Detectors
import Diagnostics
import Graphs
import Models
import Passes

/// The network of a validation, opened by its task.
enum ValidationNetwork {
  case detector(Detector)
  case classifier(Classifier)

  var contract: ModelContract {
    switch self {
    case .detector(let detector): detector.contract
    case .classifier(let classifier): classifier.contract
    }
  }
}

extension ValidateJob {
  /// The network with the rules of an evaluation, and what is worth saying about it.
  func openNetwork() async throws -> (ValidationNetwork, [Diagnostic]) {
    var choice = backend
    choice.threadCount = backend.threadCount ?? 1
    let (plan, contract, notes) = try await openPlan(choice)
    if contract?.task == .classify {
      let classifier = try Classifier(plan: plan, contract: contract, imageSize: imageSize)
      return (.classifier(classifier), notes)
    }
    var options = Detector.Options()
    options.rule = rounding == .down ? .earlyEvaluation : .evaluation
    options.fit = shape == .rect ? .minimumRectangle : .square
    options.imageSize = imageSize
    options.suppression = .evaluation
    options.suppression.confidenceThreshold = confidence
    options.suppression.iouThreshold = Double("\(overlap)") ?? Double(overlap)
    options.suppression.maxDetections = maxDetections
    let detector = try Detector(plan: plan, contract: contract, options: options)
    return (.detector(detector), notes + detector.diagnostics)
  }

  /// An ONNX file as it is, otherwise the graph, cast to half precision where that is wanted.
  private func openPlan(
    _ choice: BackendChoice
  ) async throws -> (any Plan, ModelContract?, [Diagnostic]) {
    let engine = try choice.open()
    var importOptions = ImportOptions()
    importOptions.dynamic = shape == .rect ? .size : .none
    importOptions.imageSize = imageSize
    let (graph, notes) = try ModelSource.open(model).graph(importOptions)
    if model.lowercased().hasSuffix(".onnx"), !half, let runtime = engine as? any FileBackend {
      let plan = try runtime.load(
        onnxFile: model,
        configuration: choice.configuration,
        contract: graph.contract
      )
      return (plan, graph.contract, notes)
    }
    let passes = PassCatalog.export.passes + (half ? [CastToHalf()] : [])
    let optimised = try PassManager(passes).run(on: graph).graph
    let plan = try await engine.build(optimised, configuration: choice.configuration).plan
    return (plan, graph.contract, notes)
  }
}
