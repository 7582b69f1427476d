import Diagnostics
import Files
import Metrics
import TestSupport
import Testing

@testable import Pipelines

/// Chrome traces, our own and others', as timelines.
@Suite struct TraceReadingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ bytes: [UInt8]) throws -> [Timeline] {
    try AtomicFile.write(bytes, to: folder.path + "/trace.json")
    return try TraceFile.read(folder.path + "/trace.json")
  }

  private static let ours = Timeline(
    title: "detection",
    lanes: ["read", "network"],
    spans: [
      Timeline.Span("load", .load, lane: 0, start: 0, duration: 2),
      Timeline.Span("picture", .compute, lane: 1, start: 2, duration: 5, arguments: ["batch": "1"]),
      Timeline.Span("conv", .layer, lane: 1, start: 2.5, duration: 1, parent: 1),
    ],
    instants: [Timeline.Instant("ready", lane: 0, time: 2)]
  )

  @Test func ourOwnComesBack() throws {
    let path = folder.path + "/own.json"
    try TraceFile.write([Self.ours], to: path)
    let read = try TraceFile.read(path)
    let timeline = try #require(read.first)
    #expect(read.count == 1 && timeline.title == "detection" && timeline.lanes == Self.ours.lanes)
    #expect(timeline.spans.map(\.name) == ["load", "picture", "conv"])
    #expect(timeline.spans.map(\.category) == [.load, .compute, .layer])
    #expect(timeline.spans.map(\.parent) == [nil, nil, 1])
    #expect(timeline.spans.map(\.start) == [0, 2, 2.5])
    #expect(timeline.spans[1].arguments["batch"] == "1")
    #expect(timeline.instants.map(\.time) == [2])
  }

  /// Pairs, names as numbers and texts, a list without a frame, events that say nothing here.
  @Test func othersAreRead() throws {
    let text = """
      [{"ph":"B","name":"outer","ts":5000,"pid":"app","tid":3},
      {"ph":"B","name":"inner","ts":6000,"pid":"app","tid":3},
      {"ph":"C","name":"counter","ts":6500,"pid":"app","tid":3,"args":{"value":{"deep":[1]}}},
      {"ph":"E","ts":7000,"pid":"app","tid":3},{"ph":"E","ts":9000,"pid":"app","tid":3},
      {"ph":"E","ts":9500,"pid":"app","tid":3}]
      """
    let timeline = try #require(try read(Array(text.utf8)).first)
    #expect(timeline.lanes == ["3"] && timeline.title == "process app")
    #expect(timeline.spans.map(\.name) == ["outer", "inner"])
    #expect(timeline.spans.map(\.start) == [0, 1] && timeline.spans.map(\.duration) == [4, 1])
    #expect(timeline.spans.map(\.parent) == [nil, 0])
  }

  @Test func tooManySpansAreCounted() throws {
    let event = "{\"ph\":\"X\",\"ts\":1,\"dur\":1,\"pid\":1,\"tid\":1}"
    let all = [String](repeating: event, count: TraceFile.spanLimit + 7).joined(separator: ",")
    let timeline = try #require(try read(Array("[\(all)]".utf8)).first)
    #expect(timeline.spans.count == TraceFile.spanLimit && timeline.droppedCount == 7)
  }

  @Test func damagedOnesAreRefused() throws {
    let path = folder.path + "/own.json"
    try TraceFile.write([Self.ours], to: path)
    let bytes = try MappedFile.contents(of: path)
    let summary = try HostileInput("trace", bytes: bytes).attack(prefixes: 400, mutations: 400) {
      _ = try read($0)
    }
    #expect(summary.refused[.traceMalformed] ?? 0 > 200, "\(summary)")
    for text in [
      "", "{}", "[]", "{\"traceEvents\":{}}", "{\"traceEvents\":[{\"ph\":\"X\",\"dur\":-1}]}",
    ] {
      #expect(throws: DeployError.self) { _ = try read(Array(text.utf8)) }
    }
  }
}
