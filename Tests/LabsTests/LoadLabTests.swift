import Diagnostics
import Metrics
import Testing

@testable import Labs

/// The roofline of L23 and the batches of L20, against what can be said without running them.
@Suite struct LoadLabTests {
  @Test func rooflinesKeepTheirLaws() throws {
    let task = RooflineTask()
    var random = SplitMix(seed: 8)
    for index in 1...10 {
      let problem = try task.problem("what-if", index: index, random: &random)
      let answer = try task.reference(problem)
      for layer in problem.layers {
        let bound = try #require(answer.layers[layer.name])
        let places = Double(layer.height * layer.width)
        let weights = Double(
          layer.outputs * layer.inputs / layer.groups * layer.kernel * layer.kernel
        )
        let computing = 2 * weights * places / problem.device.gflops / 1e3
        // Never faster than the peak allows.
        #expect(bound.microseconds >= computing)
      }
      // No single limit can bring more than twice the speed, and each brings something.
      let gains = try #require(answer.ifTwiceAsGood)
      #expect(gains.values.allSatisfy { $0 >= 1 && $0 <= 2 })
      // Times of everything halved at once would be exactly two; one by one they bring less in all.
      #expect(gains.values.reduce(0) { $0 + (1 - 1 / $1) } <= 0.5 + 1e-9)
    }
  }

  @Test func batchesOfOneAreAQueueOfSingleRequests() throws {
    var random = SplitMix(seed: 5)
    let problem = try DynamicBatchingTask().problem("arrivals", index: 1, random: &random)
    let policy = DynamicBatchingTask.Answer(maxBatch: 1, waitMs: 0)
    let arrivals = Array(problem.fresh.prefix(500))
    let run = DynamicBatchingTask.run(policy, problem, arrivals)
    // Lindley's recursion: what is left of the work before an arrival.
    let service = problem.fixed + problem.each
    var (waiting, last, latencies) = (0.0, arrivals[0], [Double]())
    for moment in arrivals {
      waiting = max(0, waiting - (moment - last))
      waiting += service
      last = moment
      latencies.append(waiting)
    }
    for (own, truth) in zip(run.latencies, latencies.sorted()) {
      #expect(abs(own - truth) < 1e-6)
    }
    #expect(abs(run.cost - service) < 1e-9)
  }

  @Test func everyRequestIsServedOnceAndNoneTooEarly() throws {
    let task = DynamicBatchingTask()
    var random = SplitMix(seed: 6)
    let problem = try task.problem("arrivals", index: 1, random: &random)
    for batch in DynamicBatchingTask.Grid.batches {
      let policy = DynamicBatchingTask.Answer(maxBatch: batch, waitMs: 5)
      let run = DynamicBatchingTask.run(policy, problem, problem.fresh)
      #expect(run.latencies.count == problem.fresh.count)
      #expect(run.latencies[0] >= problem.fixed + problem.each - 1e-9)
      // A full batch is the cheapest there is.
      #expect(run.cost >= problem.fixed / Double(batch) + problem.each - 1e-9)
    }
    let best = try task.reference(problem)
    #expect(task.judge(best, best, problem, Bands([:])).isRight)
    let patient = DynamicBatchingTask.Answer(maxBatch: 32, waitMs: 10 * problem.bound)
    #expect(!task.judge(patient, best, problem, Bands([:])).isRight)
  }

  @Test func intervalsHoldBothMeasurements() {
    let (before, after) = (
      PrecisionTruth.Interval(lower: 1.1, upper: 1.3), PrecisionTruth.Interval(lower: 1, upper: 1.2)
    )
    #expect(before.joined(after) == PrecisionTruth.Interval(lower: 1, upper: 1.3))
    #expect(before.distance(1.2) == 0)
    #expect(abs(before.distance(1.43) - 0.1) < 1e-9)
    #expect(before.distance(0) == .infinity)
  }

  /// Signs: 1 where the second engine is surely faster, -1 where the first is, 0 where nobody knows.
  @Test func flipsAreRefutedOnlyByWholeIntervals() {
    let problem = FrameworkLoadTask.Problem(engines: ["a", "b"], size: 32, batches: [1, 3, 6])
    func isRefuted(_ flip: [Int]?, _ signs: [Int]) -> Bool {
      FrameworkLoadTask.isRefuted(flip, signs, problem)
    }
    #expect(!isRefuted([1, 3], [1, -1, -1]) && isRefuted([3, 6], [1, -1, -1]))
    #expect(isRefuted(nil, [1, -1, -1]) && !isRefuted(nil, [1, 0, 1]))
    // Where the middle is unknown, either place may be the one.
    #expect(!isRefuted([1, 3], [1, 0, -1]) && !isRefuted([3, 6], [1, 0, -1]))
    // What the grader itself would say is never refuted.
    for signs in [[1, -1, -1], [1, 0, -1], [0, 1, -1], [-1, -1, 1], [0, 0, 1], [1, 1, 1]] {
      #expect(!isRefuted(FrameworkLoadTask.flip(signs, problem), signs), "\(signs)")
    }
  }

  @Test func contrastsAreJudgedByTheEndsOfIntervals() {
    let task = PrecisionContrastTask(model: "", cache: "")
    let problem = PrecisionContrastTask.Problem(sizes: [64, 256], seed: 1)
    func row(_ half: Double, _ bytes: Double) -> [String: PrecisionTruth.Interval] {
      ["fp32": 1, "fp16": half, "int8": bytes].mapValues { .init(lower: $0, upper: 1.05 * $0) }
    }
    func answer(_ atLeast: Double, _ faster: Int, _ differ: String)
      -> PrecisionContrastTask.Answer
    {
      let intervals = ["64": row(0.9, 2), "256": row(0.9, 3)]
      return PrecisionContrastTask.Answer(
        ordersDiffer: differ,
        precision: "int8",
        faster: faster,
        atLeast: atLeast,
        times: intervals.mapValues { $0.mapValues(\.lower) },
        intervals: intervals
      )
    }
    let right = answer(1.4, 256, "no")
    func isRight(_ own: PrecisionContrastTask.Answer) -> Bool {
      task.judge(own, right, problem, Bands([:])).isRight
    }
    #expect(isRight(right) && isRight(answer(1.5, 256, "no")))
    // Beyond 3.15 / 2; at the other size; another order; too timid.
    #expect(!isRight(answer(1.6, 256, "no")) && !isRight(answer(1.4, 64, "no")))
    #expect(!isRight(answer(1.4, 256, "yes")) && !isRight(answer(0.5, 256, "no")))
  }

  /// What the grader has measured here cannot be called absent: an attempt must not become one that does not count.
  @Test func enginesThatAreHereAreNoExcuse() throws {
    let task = FrameworkResourcesTask(model: "", cache: "")
    let cells = FrameworkResourcesTask.Cells(ms: 5, throughput: 200, peakMiB: 90, processorMs: 5)
    let problem = FrameworkResourcesTask.Problem(
      engines: ["pytorch", "onnxruntime", "native"],
      size: 256
    )
    let expected = FrameworkResourcesTask.Answer(
      engines: ["onnxruntime": cells, "native": cells],
      absent: ["pytorch": "not installed"]
    )
    func judged(_ answer: FrameworkResourcesTask.Answer) -> Judgement {
      task.judge(answer, expected, problem, Bands([:]))
    }
    #expect(judged(expected).isRight)
    var lying = expected
    for name in problem.engines { lying.absent?[name] = "it does not run" }
    lying.engines = [:]
    #expect(!judged(lying).isRight && judged(lying).doubt == nil)
    lying.engines["native"] = cells
    #expect(!judged(lying).isRight && judged(lying).doubt == nil)
  }
}
