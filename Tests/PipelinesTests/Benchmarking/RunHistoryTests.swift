import Diagnostics
import Foundation
import Histories
import Metrics
import Pipelines
import Reports
import TestSupport
import Testing

@Suite struct RunHistoryTests {
  private let model = SharedData.checkout + "/Samples/shapes-yolov5n.pt"

  private func report(_ milliseconds: Double, backend: String = "reference") -> Report {
    let subject = Subject(
      file: "shapes-yolov5n.pt",
      byteCount: 1,
      family: "f",
      task: "detect",
      classNames: [],
      parameterCount: 1,
      gigaOperations: 1,
      inputSize: [32, 32]
    )
    var report = Report(
      command: "bench",
      date: "2026-01-02T03:04:05Z",
      subject: subject,
      environment: [:]
    )
    var record = BenchmarkRecord(
      label: "a",
      model: "m",
      backend: backend,
      inputShape: [1, 3, 32, 32]
    )
    let times = (0..<40).map { milliseconds * (1 + 0.01 * Double($0 % 5)) }
    record.engine = LatencySeries(milliseconds: times, seconds: times)
    record.control = ControlSeries(
      kernel: "k",
      controlMilliseconds: times.map { 2 * $0 / milliseconds },
      networkMilliseconds: times
    )
    report.benchmarks = [record]
    return report
  }

  private func history() -> (RunHistory, String) {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    return (RunHistory(folder: folder, version: "1 #abc"), folder)
  }

  @Test func aRunIsKeptAndComparedWithTheLast() throws {
    let (history, folder) = history()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(throws: DeployError.self) {
      try history.compare(report(10), model: model, against: .last)
    }
    let id = try history.record(report(10), model: model, name: "first")
    let stored = try history.run(id)
    #expect(stored.name == "first")
    #expect(stored.modelHash.count == 64)
    #expect(stored.configurations[0].figures["engine P50 ms"] == 10.2)
    let decoded = try JSONDecoder().decode(Report.self, from: Data(stored.report.utf8))
    #expect(decoded.benchmarks == report(10).benchmarks)

    let same = try history.compare(report(10), model: model, against: .last)
    #expect(same.map(\.verdict.outcome) == [.noDifference])
    let slow = try history.compare(report(12), model: model, against: .run(id))
    #expect(slow.map(\.verdict.outcome) == [.slower])
    #expect(slow[0].verdict.words.hasPrefix("this run slower by 20.0 % ["))
    #expect(slow[0].basis.contains("not interleaved"))
    #expect(slow[0].basis.contains("assumed until there are 5 earlier runs"))
    #expect(throws: DeployError.self) {
      try history.compare(report(10, backend: "other"), model: model, against: .last)
    }
    let later = try history.record(report(12), model: model)
    #expect(try history.compare(later, against: id).verdicts.map(\.verdict.outcome) == [.slower])
    try history.delete([id])
    #expect(try history.list().map(\.id) == [later])
  }
}
