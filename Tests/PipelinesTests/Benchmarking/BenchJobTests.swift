import Backends
import Diagnostics
import Metrics
import Pipelines
import Reports
import Tensors
import TestSupport
import Testing

/// The sample network on the interpreter: slow, but always there.
@Suite(.serialized) struct BenchJobTests {
  private func job() -> BenchJob {
    var job = BenchJob(
      model: SharedData.checkout + "/Samples/shapes-yolov5n.pt",
      backends: [BackendChoice("reference")]
    )
    job.imageSize = [32, 32]
    job.duration = 0.2
    job.images = [SharedData.checkout + "/Samples/images"]
    return job
  }

  @Test func bothLatenciesAndWhatTheyCost() async throws {
    let report = try await job().run().report
    let record = try #require(report.benchmarks.first)
    #expect(report.benchmarks.count == 1)
    #expect(report.verdicts.isEmpty)
    #expect(record.inputShape == [1, 3, 32, 32])
    #expect(record.precision == "float32")
    let engine = try #require(record.engine)
    let endToEnd = try #require(record.endToEnd)
    #expect(engine.milliseconds.count == engine.summary.runCount)
    #expect(record.parts.map(\.name) == ["decode", "letterbox", "infer", "suppress"])
    let sum = record.parts.reduce(0) { $0 + $1.milliseconds }
    #expect(sum <= endToEnd.summary.mean * 1.001 && sum > endToEnd.summary.mean * 0.5)
    #expect(try #require(record.resources).processorSecondsPerImage > 0)
    #expect(try #require(record.coldStart).firstRunMilliseconds > 0)
    #expect(try #require(record.queries).words.contains("short of MLPerf's"))
    let control = try #require(record.control)
    #expect(control.controlMilliseconds.count == control.networkMilliseconds.count)
  }

  @Test func batchesAndQueriesOfSeveralPictures() async throws {
    var job = job()
    job.batches = [1, 2]
    job.scenario = .multi
    job.streamCount = 3
    let report = try await job.run().report
    #expect(report.benchmarks.map(\.batch) == [1, 2])
    #expect(report.benchmarks.map { $0.inputShape[0] } == [1, 2])
    for record in report.benchmarks {
      let throughput = try #require(record.endToEndThroughput)
      let mean = try #require(record.endToEnd).summary.mean
      #expect(abs(throughput * mean / 3000 - 1) < 1e-6)
    }
  }

  @Test func queriesArriveAtTheRate() async throws {
    var job = job()
    job.scenario = .server
    job.rate = 20
    job.duration = 2
    let report = try await job.run().report
    let load = try #require(report.benchmarks.first?.server)
    #expect(load.offeredRate == 20)
    #expect(!load.isFound)
    #expect(load.servedRate > 5 && load.servedRate < 60)
  }

  @Test func twoConfigurationsAreCompared() async throws {
    var job = job()
    job.backends = [BackendChoice("reference"), BackendChoice("reference")]
    job.duration = 1
    let report = try await job.run().report
    #expect(
      report.benchmarks.map(\.label) == [
        "reference · batch 1 #1", "reference · batch 1 #2",
      ]
    )
    #expect(report.verdicts.map(\.quantity) == ["engine", "end-to-end"])
  }

  @Test(
    arguments: [
      { (job: inout BenchJob) in job.duration = .nan },
      { (job: inout BenchJob) in job.batches = [0] },
      { (job: inout BenchJob) in job.rate = -1 },
      { (job: inout BenchJob) in job.streamCount = 0 },
      { (job: inout BenchJob) in job.latencyBound = .infinity },
      { (job: inout BenchJob) in job.backends = [] },
    ] as [@Sendable (inout BenchJob) -> Void]
  )
  func senselessOptionsAreRefused(change: @Sendable (inout BenchJob) -> Void) async {
    var job = job()
    change(&job)
    do {
      _ = try await job.run()
      Issue.record("the job ran")
    } catch {
      #expect((error as? DeployError)?.id == "bench.invalid-option")
    }
  }
}
