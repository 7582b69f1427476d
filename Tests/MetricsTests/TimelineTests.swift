import Foundation
import Metrics
import Testing

@Suite struct TimelineTests {
  private func span(
    _ duration: Double,
    _ after: [Int] = [],
    parent: Int? = nil,
    lane: Int = 0
  ) -> Timeline.Span {
    Timeline.Span(
      "s",
      .other,
      lane: lane,
      start: 0,
      duration: duration,
      parent: parent,
      after: after
    )
  }

  private func path(_ spans: [Timeline.Span]) -> [Int] {
    Timeline(title: "t", lanes: ["a", "b"], spans: spans).criticalPath
  }

  @Test func theLongestChainIsCritical() {
    // Two branches that meet: 0 → 1 → 3 takes 1 + 5 + 2, 0 → 2 → 3 takes 1 + 3 + 2.
    let spans = [span(1), span(5, [0]), span(3, [0], lane: 1), span(2, [1, 2])]
    #expect(path(spans) == [0, 1, 3])
    #expect(path([span(4), span(1), span(2, [1])]) == [0])
    #expect(path([]) == [])
  }

  @Test func partsOfACriticalSpanHaveAPathOfTheirOwn() {
    let spans = [
      span(9), span(1, [0]), span(2, parent: 0), span(3, [2], parent: 0), span(4, parent: 1),
      span(1, parent: 0),
    ]
    #expect(path(spans) == [0, 1, 2, 3, 4])
  }

  @Test func dependenciesOnLaterSpansAndCirclesCountForNothing() {
    #expect(path([span(1, [0, 1, 9, -1], parent: 0), span(2, [1], parent: 5)]) == [1])
  }

  @Test func aRecorderKeepsWhatThreadsTellIt() async {
    let recorder = TimelineRecorder("t", limit: 90)
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<4 {
        group.addTask {
          let lane = recorder.lane("lane \(task)")
          for _ in 0..<25 { recorder.record("s", .other, on: lane, from: .now) }
        }
      }
    }
    let timeline = recorder.timeline
    #expect(timeline.spans.count == 90 && timeline.droppedCount == 10)
    #expect(Set(timeline.lanes) == ["lane 0", "lane 1", "lane 2", "lane 3"])
    #expect(timeline.spans.allSatisfy { $0.start >= 0 && $0.duration >= 0 })
  }

  private struct Trace: Decodable {
    struct Event: Decodable {
      let name: String
      let ph: String
      let ts: Double?
      let dur: Double?
      let pid: Int
      let tid: Int
      let id: Int?
      let args: [String: String]?
    }
    let traceEvents: [Event]
    let displayTimeUnit: String
  }

  @Test func aTraceHasThreadsTimesAndArrows() throws {
    let timeline = Timeline(
      title: "job",
      lanes: ["host", "device"],
      spans: [
        Timeline.Span("decode", .decode, lane: 0, start: 1.5, duration: 2, picture: 3),
        Timeline.Span("run", .compute, lane: 1, start: 4, duration: 0.25, after: [0]),
      ],
      instants: [Timeline.Instant("here", lane: 1, time: 5)]
    )
    let data = try JSONEncoder().encode(ChromeTrace([timeline, timeline]))
    let trace = try JSONDecoder().decode(Trace.self, from: data)
    let complete = trace.traceEvents.filter { $0.ph == "X" }
    #expect(complete.count == 4)
    // Microseconds.
    #expect(complete[0].ts == 1500 && complete[0].dur == 2000 && complete[0].tid == 0)
    #expect(complete[0].args?["picture"] == "3" && complete[0].args?["critical"] == "yes")
    let names = trace.traceEvents.filter { $0.name == "thread_name" }.compactMap {
      $0.args?["name"]
    }
    #expect(names == ["host", "device", "host", "device"])
    let (starts, ends) = (
      trace.traceEvents.filter { $0.ph == "s" }, trace.traceEvents.filter { $0.ph == "f" }
    )
    #expect(starts.map(\.ts) == [3500, 3500] && ends.map(\.ts) == [4000, 4000])
    #expect(starts.map(\.id) == ends.map(\.id) && Set(starts.compactMap(\.id)).count == 2)
    #expect(trace.traceEvents.contains { $0.ph == "i" && $0.ts == 5000 })
  }
}
