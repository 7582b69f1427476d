import Backends
import BackendsNative
import Glibc
import Graphs
import Metrics
import Pipelines
import Tensors

/// W2: fusion, choice of implementations, half precision and reuse of memory, each on and off with every
/// combination of the others (2⁴ plans).
///
/// A main effect is the geometric mean, over the eight combinations of the others, of the time without divided by
/// the time with it. Source: Box, Hunter and Hunter, "Statistics for experimenters", 2005, chapter 5.
struct MechanismExperiment: WhyExperiment {
  static let name = "mechanism"
  /// Small, so that many rounds fit into seconds.
  static let parameters = [
    WhyParameter("size", 160, in: 96...320, step: 32), WhyParameter("threads", 1, in: 1...4),
  ]
  static let chart = WhyChart(y: [0])

  private static let factors: [(name: String, switches: Set<String>)] = [
    (
      "fusion",
      [
        "fold-batch-normalization", "fuse-silu", "fuse-convolution-activation",
        "fuse-convolution-sum", "fuse-detect-head",
      ]
    ),
    ("choice of implementations", ["winograd", "measured-tactics"]),
    ("bfloat16", []),
    ("reuse of memory", ["share-memory", "views"]),
  ]

  func run(
    model: String,
    settings: WhySettings,
    progress: @escaping ProgressHandler
  ) async throws -> WhyFindings {
    let size = settings.count("size")
    let bench = try NetworkBench(model: model, size: size)
    progress(.began(stage: "W2", total: 16))
    var runs: [() throws -> Void] = []
    for combination in 0..<16 {
      try Task.checkCancellation()
      let isOn = Self.factors.indices.map { combination >> $0 & 1 == 1 }
      var configuration = BuildConfiguration()
      configuration.threadCount = settings.threads
      for (index, factor) in Self.factors.enumerated() where !isOn[index] {
        configuration.disabledOptimizations.formUnion(factor.switches)
      }
      configuration.tuningLevel = isOn[1] ? 1 : nil
      configuration.executionPrecisionHint = isOn[2] ? .bfloat16 : nil
      let plan = try await NativeBackend().build(bench.graph, configuration: configuration).plan
      let session = try plan.makeSession()
      let shape = Shape([1, 3, size, size])
      _ = try session.input(plan.info.inputs[0].name, shape: shape)
      runs.append { try session.run(observer: nil) }
      progress(.advanced(combination + 1))
    }
    progress(.finished(summary: "16 plans"))
    let times = try TurnTimes(seconds: 8, runs, progress: progress)
    let effects = Self.factors.indices.map { Self.effect($0, times.legs) }
    let together = effects.reduce(1) { $0 * $1.value }
    let whole = times.ratio(0, to: 15)
    return WhyFindings(
      value: effects[0].value,
      columns: ["times as fast", "from", "to"],
      rows: effects.map { [$0.value, $0.lower, $0.upper] }
        + [[whole.value, whole.lower, whole.upper]],
      // Factors that do not work on the same thing multiply.
      agrees: abs(log(together / whole.value)) < log(1.25)
        && effects.allSatisfy { $0.upper / $0.lower < 1.25 },
      figures: [
        "fusion": effects[0].value, "choice": effects[1].value, "half": effects[2].value,
        "reuse": effects[3].value, "together": together, "all": whole.value,
      ],
      labels: Self.factors.map(\.name) + ["all four"]
    )
  }

  /// The main effect of a factor, with its interval over the rounds.
  private static func effect(
    _ factor: Int,
    _ legs: [InterleavedRounds.Legs]
  ) -> BlockBootstrap.Estimate {
    let rounds = legs[0].indices.map { round in
      let logs = legs.map { $0[round].reduce(0) { $0 + log($1) } / Double($0[round].count) }
      return logs.enumerated().reduce(0) {
        $0 + ($1.offset >> factor & 1 == 1 ? -$1.element : $1.element) / Double(logs.count / 2)
      }
    }
    guard let found = BlockBootstrap().estimate(rounds) else {
      return BlockBootstrap.Estimate(value: 1, lower: 0, upper: .infinity)
    }
    return BlockBootstrap.Estimate(
      value: exp(found.value),
      lower: exp(found.lower),
      upper: exp(found.upper)
    )
  }
}
