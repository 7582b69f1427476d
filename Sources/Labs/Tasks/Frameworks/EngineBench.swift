import Backends
import Diagnostics
import Files
import Formats
import Graphs
import Metrics
import Passes
import Pipelines
import Synchronization
import Tensors

/// One network on several engines, measured in turns with one thread each.
final class EngineBench: Sendable {
  /// The network as a file, for programs.
  let network: String
  /// The median of one run.
  let milliseconds: [String: Double]
  /// The time of the first engine divided by its own.
  let times: [String: BlockBootstrap.Estimate]
  /// Engines that are not there, and why.
  let absent: [String: String]
  private let folder: TemporaryFolder

  private static let known = Mutex<[String: [EngineBench]]>([:])

  /// What two measurements together allow: one before a program, one after it.
  struct Joined: Sendable {
    let milliseconds: [String: Double]
    /// Each interval holds both of them.
    let times: [String: BlockBootstrap.Estimate]
    let absent: [String: String]
  }

  /// Forgets what was measured before, and measures once.
  /// - Parameters:
  ///   - model: the checkpoint.
  ///   - cache: where `Scripts/setup` keeps engines.
  static func begin(
    _ model: String,
    cache: String,
    _ problem: FrameworkTask.Problem
  ) throws -> EngineBench {
    let first = try EngineBench(model, cache, problem)
    known.withLock { $0["\(problem.size) \(problem.engines)"] = [first] }
    return first
  }

  /// Measures once more after the first time, with plans of its own.
  static func shared(
    _ model: String,
    cache: String,
    _ problem: FrameworkTask.Problem
  ) throws -> Joined {
    let key = "\(problem.size) \(problem.engines)"
    var benches = known.withLock { $0[key] } ?? []
    while benches.count < 2 { benches.append(try EngineBench(model, cache, problem)) }
    let found = benches
    known.withLock { $0[key] = found }
    return Joined(
      milliseconds: benches[0].milliseconds,
      times: benches[0].times.merging(benches[1].times) { $0.joined($1) },
      absent: benches[0].absent
    )
  }

  private init(_ model: String, _ cache: String, _ problem: FrameworkTask.Problem) throws {
    folder = try TemporaryFolder()
    network = folder.path + "/network.onnx"
    let size = problem.size
    let imported = try NetworkBench(model: model, size: size).graph
    let graph = try PassManager(PassCatalog.export.passes).run(on: imported).graph
    try ONNXWriter.write(graph, to: network)
    var (absent, present): ([String: String], [String]) = ([:], [])
    var runs: [() throws -> Void] = []
    for name in problem.engines {
      var choice = BackendChoice(name, cache: cache)
      choice.threadCount = 1
      do {
        let (backend, configuration) = (try choice.open(), choice.configuration)
        let plan = try Waiting.result {
          try await backend.build(graph, configuration: configuration).plan
        }
        let session = try plan.makeSession()
        let shape = Shape([1, 3, size, size])
        let input = try session.input(plan.info.inputs[0].name, shape: shape)
        try input.withScalars(of: Float.self) { $0.update(repeating: 0.5) }
        runs.append { try session.run(observer: nil) }
        present.append(name)
      } catch let error as DeployError where error.id == .backendUnavailable {
        absent[name] = error.diagnostics[0].message
      }
    }
    self.absent = absent
    guard !runs.isEmpty else {
      (milliseconds, times) = ([:], [:])
      return
    }
    let turns = try TurnTimes(seconds: 1, runs) { _ in }
    var (medians, ratios): ([String: Double], [String: BlockBootstrap.Estimate]) = ([:], [:])
    for (index, name) in present.enumerated() {
      medians[name] = turns.median(index)
      ratios[name] =
        index == 0
        ? BlockBootstrap.Estimate(value: 1, lower: 1, upper: 1) : turns.ratio(0, to: index)
    }
    (milliseconds, times) = (medians, ratios)
  }
}

extension BlockBootstrap.Estimate {
  /// An interval that holds both; its value is their middle by ratios.
  func joined(_ other: Self) -> Self {
    let (low, high) = (min(lower, other.lower), max(upper, other.upper))
    return Self(value: (value * other.value).squareRoot(), lower: low, upper: high)
  }
}
