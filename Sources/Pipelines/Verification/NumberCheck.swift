import Backends
import Detectors
import Diagnostics
import Formats
import Graphs
import Images
import Metrics
import Models
import Passes
import Reports
import Tensors

/// The numeric half of a check: one file on a backend against a graph on the reference.
struct NumberCheck {
  private let job: CheckJob
  private let candidate: Graph
  private let expected: Graph
  let contract: ModelContract?

  /// Opens both sides and gives them inputs of one shape.
  init(_ job: CheckJob) throws {
    self.job = job
    let (opened, _) = try ModelSource.onnx(path: job.model).graph(ImportOptions())
    let size = job.imageSize ?? opened.contract?.inputSize ?? [640, 640]
    let candidate = try opened.bound(batch: 1, size: size)
    self.candidate = candidate
    contract = candidate.contract
    guard let against = job.against else {
      expected = candidate
      return
    }
    let source = try ModelSource.open(against)
    let options = Self.options(like: candidate, contract)
    let graph = try source.graph(options).graph.bound(batch: 1, size: size)
    // The same passes as an export, so that inner values can be compared by name.
    expected = try PassManager(PassCatalog.export.passes).run(on: graph).graph
  }

  /// The form in which the checkpoint must be imported to be comparable.
  private static func options(like graph: Graph, _ contract: ModelContract?) -> ImportOptions {
    var options = ImportOptions()
    options.head = contract?.head ?? .decoded
    if let shape = graph.inputs.first.flatMap({ graph[$0].type.shape }), shape.rank == 4 {
      options.batch = shape[0]
      options.imageSize = [shape[2], shape[3]]
    }
    return options
  }

  func run(into result: inout CheckResult, progress: ProgressHandler) async throws {
    let feeds = try makeFeeds()
    progress(.began(stage: "numbers", total: feeds.count))
    let session = try await makeSession()
    var outputs: [String: TensorComparison] = [:]
    let isHalf = candidate.inputs.contains { candidate[$0].type.scalarType == .float16 }
    var comparer = LayerComparer(expected) { _ in isHalf ? .half : .rounding }
    let discrete = expected.valuesAfterDecisions()
    for (index, feed) in feeds.enumerated() {
      let taps = ValueCollector()
      let actual = try session.run(feed.tensors, observer: job.comparesLayers ? taps : nil)
      let wanted = try expected.evaluate(
        inputs: try feed.tensors(for: expected),
        tap: { value, tensor in
          guard index == 0, !discrete.contains(value.name), let other = taps.take(value.name)
          else { return }
          try comparer.add(value.name, try other.converted(to: tensor.scalarType), expected: tensor)
        }
      )
      for check in try compare(actual, wanted, feed, &outputs) { result.checks.append(check) }
      progress(.advanced(index + 1))
    }
    result.outputs = outputs
    if job.comparesLayers {
      let divergence = comparer.divergence
      result.layers = divergence
      result.checks.append(Self.layerCheck(divergence))
    }
    if let python = job.pytorchPython, let against = job.against, let feed = feeds.first {
      let opinion = PyTorchOpinion(checkpoint: against, python: python)
      result.checks.append(try opinion.check(feed, session))
    }
    let failed = result.checks.count { !$0.passes }
    progress(.finished(summary: failed == 0 ? "equal" : "\(failed) checks fail"))
  }

  private func makeFeeds() throws -> [Feed] {
    guard job.inputs == .pictures else { return [try Feed.random(candidate, seed: job.seed)] }
    return try ImageSource.paths(job.images).map {
      try Feed.picture($0, candidate, contract)
    }
  }

  private func makeSession() async throws -> any Session {
    let backend = try job.backend.open()
    var configuration = job.backend.configuration
    if job.comparesLayers {
      configuration.tappedValues = candidate.nodes.flatMap { $0.outputs.map { candidate[$0].name } }
      configuration.optimization = .basic
    } else if let runtime = backend as? any FileBackend {
      // The file as it is, not as we would write it again.
      return try runtime.load(
        onnxFile: job.model,
        configuration: configuration,
        contract: contract
      ).makeSession()
    }
    return try await backend.build(candidate, configuration: configuration).plan.makeSession()
  }

  private static func layerCheck(_ divergence: Divergence) -> Check {
    var figures = [Check.Figure("compared values", "\(divergence.layers.count)")]
    if let first = divergence.first { figures.append(.init("first difference", first.words)) }
    if let noisiest = divergence.noisiest { figures.append(.init("noisiest", noisiest.words)) }
    return Check(
      name: "inner values",
      passes: divergence.passes,
      figures: figures,
      verdict: divergence.words
    )
  }
}

/// Keeps the tapped values of one run until they are compared.
private final class ValueCollector: SessionObserver {
  private var values: [String: Tensor] = [:]

  func session(_ session: any Session, didProduce value: String, _ tensor: Tensor) {
    values[value] = tensor
  }

  func take(_ name: String) -> Tensor? { values.removeValue(forKey: name) }
}

extension Graph {
  /// The graph with open extents of its inputs bound: rank-4 inputs to [batch, C, H, W].
  func bound(batch: Int, size: [Int]) throws -> Graph {
    var types: [String: TensorType] = [:]
    for id in inputs {
      var type = self[id].type
      guard type.rank == 4, type.shape == nil else { continue }
      let extents = [batch, type.dimensions[1].value ?? 3, size[0], size[1]]
      for axis in 0..<4 where type.dimensions[axis].value == nil {
        type.dimensions[axis] = .fixed(extents[axis])
      }
      types[self[id].name] = type
    }
    return types.isEmpty ? self : try retyped(inputs: types)
  }
}

extension Graph {
  /// Names of the values that follow a decision between numbers (which is largest, which boxes
  /// stay): where two candidates are equal but for rounding, two right runs decide differently,
  /// so only the outputs, not these, can be compared element by element.
  func valuesAfterDecisions() -> Set<String> {
    var numeric = Set(inputs)
    var decided: Set<ValueID> = []
    for node in nodes {
      let operands = node.inputs.compactMap { $0 }
      guard operands.contains(where: numeric.contains) else { continue }
      // Shapes follow from the input's size, not from its numbers.
      if node.op is ShapeOf { continue }
      numeric.formUnion(node.outputs)
      let decides = node.outputs.contains { !self[$0].type.scalarType.isFloatingPoint }
      if decides || operands.contains(where: decided.contains) { decided.formUnion(node.outputs) }
    }
    return Set(decided.map { self[$0].name })
  }
}
