import Backends
import Detectors
import Diagnostics
import Graphs
import Models
import Passes
import Tensors

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
    options.rule = scaling ?? (rounding == .down ? .earlyEvaluation : .evaluation)
    options.fit = shape == .rect ? .minimumRectangle : .square
    options.imageSize = imageSize
    options.suppression = .evaluation
    options.suppression.isMultiLabel = isMultiLabel
    options.suppression.confidenceThreshold = confidence
    options.suppression.iouThreshold = Double("\(overlap)") ?? Double(overlap)
    options.suppression.maxDetections = maxDetections
    let detector = try Detector(plan: plan, contract: contract, options: options)
    if shape == .rect, detector.letterbox.fit == .square {
      throw unused(
        "--rect",
        "the network takes \(detector.letterbox.height)×\(detector.letterbox.width) only",
        "leave it out, or measure the checkpoint or a file exported with `--dynamic size`"
      )
    }
    return (.detector(detector), notes + detector.diagnostics)
  }

  /// An option that does nothing for this model.
  func unused(_ option: String, _ reason: String, _ remedy: String) -> DeployError {
    DeployError(
      .validateUnusedOption,
      "has no effect: \(reason)",
      at: .option(option),
      remedy: remedy
    )
  }

  /// An ONNX file as it is, otherwise the graph, cast to half precision where that is wanted.
  private func openPlan(
    _ choice: BackendChoice
  ) async throws -> (any Plan, ModelContract?, [Diagnostic]) {
    var importOptions = ImportOptions()
    importOptions.dynamic = shape == .rect ? .size : .none
    importOptions.imageSize = imageSize
    if half { try checkHalf(importOptions) }
    let opened = try await choice.open(
      model,
      importOptions,
      choice.configuration,
      extraPasses: half ? [CastToHalf()] : []
    )
    return (opened.plan, opened.contract, opened.diagnostics)
  }

  private func checkHalf(_ options: ImportOptions) throws {
    guard try !PlanInspection.isPlan(model) else {
      throw unused("--half", "a plan has the precision that it was built in", "leave it out")
    }
    let (graph, _) = try ModelSource.open(model).graph(options)
    if graph.inputs.allSatisfy({ graph[$0].type.scalarType == .float16 }) {
      throw unused("--half", "the network is in half precision already", "leave it out")
    }
  }
}
