import Connections
import Diagnostics
import Foundation
import Labs
import Reports
import Testing

@testable import Servers

/// Why-questions on the web: locked, run, changed, kept beside one another, cancelled.
@Suite(.serialized) struct ExperimentTests {
  private func events(_ bench: SiteBench, _ type: String) throws -> [EventLog.Event] {
    try bench.site.desk.log.events().filter { $0.type == type }
  }

  @Test func runsAreLockedChangedAndKept() async throws {
    let bench = try SiteBench()
    let (anna, ben) = (bench.browser("anna"), bench.browser("ben"))
    let changed = ["set-spread": "10", "set-channels": "32", "set-bits": "8"]
    let said = ["value": "10", "margin": "1", "because": "one ten"]
    // The question itself comes first.
    #expect(await anna.post("/why/W9/trials", changed.merging(said) { $1 }).status == 409)
    let first = ["value": "20", "margin": "3", "because": "two tens"]
    #expect(await anna.post("/why/W9", first).status == 303)
    // A second prediction is not taken.
    _ = await anna.post("/why/W9", ["value": "30", "because": "no, more"])
    try await bench.settle()
    #expect(try events(bench, "predicted").map { $0.data["value"] } == ["20.0"])
    var page = await anna.get("/why/W9").text
    #expect(page.contains("inside of your own interval") && page.contains("set-spread"))
    #expect(!page.contains("Lock it and run the experiment"))
    // This question wants a prediction for each change; bounds and steps are the server's.
    #expect(await anna.post("/why/W9/trials", changed).status == 422)
    for wrong in ["0", "2001", "10.5", "1e9", "NaN", "x", "-1"] {
      var values = changed.merging(said) { $1 }
      values["set-spread"] = wrong
      #expect(await anna.post("/why/W9/trials", values).status == 422, "\(wrong)")
    }
    #expect(await anna.post("/why/W9/trials", said).status == 422)
    #expect(try events(bench, "trial").isEmpty)
    #expect(await anna.post("/why/W9/trials", changed.merging(said) { $1 }).status == 303)
    try await bench.settle()
    page = await anna.get("/why/W9").text
    #expect(page.contains("Your runs") && page.contains("spread=10"))
    let runs = bench.site.runStore.runs(
      of: LabState.learnerID("anna"),
      try bench.site.question("W9")
    )
    #expect(runs.count == 2 && abs(runs[1].findings.value - 10) < 2)
    #expect(runs.map(\.predicted) == [20, 10] && runs.map(\.margin) == [3, 1])
    #expect(try events(bench, "tried").first?.data["within"] == "true")
    // Another learner has none of it.
    #expect(!(await ben.get("/why/W9").text.contains("spread=10")))
  }

  @Test func whatWasPromisedIsDoneByTheNextProcess() async throws {
    let bench = try SiteBench()
    let anna = bench.browser("anna")
    _ = await anna.post("/why/W9", ["value": "20", "because": "two tens"])
    try await bench.settle()
    let learner = LabState.learnerID("anna")
    // As a process leaves it that is killed after it promised.
    try bench.site.desk.state.log.append(
      "trial",
      lab: "W9",
      learner: learner,
      [
        "via": "web", "settings": "bits=8 channels=32 spread=1000", "value": "30", "because": "x",
      ]
    )
    #expect(try bench.site.resume() == 1)
    try await bench.settle()
    #expect(try events(bench, "tried").count == 1)
    #expect(try bench.site.resume() == 0)
  }

  @Test func oneThatWaitsIsDroppedAndOneThatRunsIsEnded() async throws {
    let bench = try SiteBench()
    let (anna, ben) = (bench.browser("anna"), bench.browser("ben"))
    // W2 takes many seconds; W9 waits behind it.
    _ = await anna.post("/why/W2", ["value": "2", "because": "a guess"])
    _ = await anna.post("/why/W9", ["value": "20", "because": "two tens"])
    // A third at the same time is too much.
    #expect(await anna.post("/why/W12", ["value": "1", "because": "a guess"]).status == 429)
    #expect(await anna.get("/why/W9").text.contains("waits until the machine is free"))
    // Others' experiments are not theirs to end.
    _ = await ben.post("/why/W9/cancel", [:])
    #expect(await anna.get("/why/W9").text.contains("waits until"))
    #expect(await anna.post("/why/W9/cancel", [:]).status == 303)
    #expect(await anna.get("/why/W9").text.contains("it was cancelled"))
    #expect(await anna.post("/why/W2/cancel", [:]).status == 303)
    let start = ContinuousClock.now
    try await bench.settle()
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(
      try events(bench, "experiment-failed").map { $0.data["problem"] } == [
        "cancelled", "cancelled",
      ]
    )
    #expect(try events(bench, "answered").isEmpty)
    // The prediction stays locked, and may be run again.
    #expect(await anna.post("/why/W9", [:]).status == 303)
    try await bench.settle()
    #expect(try events(bench, "answered").first?.data["predicted"] == "20.0")
  }

  @Test func oneThatTakesTooLongIsEnded() async throws {
    let start = ContinuousClock.now
    let error = await #expect(throws: DeployError.self) {
      try await LabSite.within(seconds: 1) { try await Task.sleep(for: .seconds(60)) }
    }
    #expect(error?.id == .labExperimentLate)
    #expect(ContinuousClock.now - start < .seconds(30))
    #expect(try await LabSite.within(seconds: 60) { 7 } == 7)
  }

  /// What is drawn is what was found, the newest run in whole lines.
  @Test func drawingsHoldTheData() throws {
    let bench = try SiteBench()
    let question = try bench.site.question("W9")
    func run(_ number: Int, _ spread: Double) throws -> WhyRun {
      WhyRun(
        number: number,
        question: "W9",
        settings: try question.settings(["spread": spread]),
        predicted: nil,
        margin: nil,
        findings: WhyFindings(
          value: spread / 10,
          columns: [
            "size of the channel", "SQNR one scale (dB)", "SQNR own scale (dB)", "gain (dB)",
          ],
          rows: [[1, 2, 3, .nan], [4, .infinity, 6, 7]],
          agrees: true,
          figures: [:]
        )
      )
    }
    let runs = [try run(1, 100), try run(2, 10)]
    let drawing = WhyDrawing(question: question, language: .chinese)
    let chart = try #require(drawing.data(runs) { "\($0.number)" })
    #expect(chart.kind == "lines" && chart.logX && chart.series.map(\.hue) == [10, 11, 0, 1])
    #expect(chart.series[0].y == [2, nil] && chart.series[1].y == [3, 6])
    #expect(chart.series[0].name.contains("共用比例"))
    #expect(chart.json != nil)
    let moved = try #require(drawing.against(runs))
    #expect(moved.series[0].y == [1, 10])
    #expect(drawing.against([runs[0]]) == nil)
  }
}
