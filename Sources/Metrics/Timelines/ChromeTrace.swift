/// A timeline in the form that Perfetto and Chrome's tracing page open.
///
/// Source: Trace Event Format, JSON Object Format; complete (`X`), instant (`i`), metadata (`M`)
/// and flow (`s`, `f`) events; times in microseconds.
public struct ChromeTrace: Sendable, Encodable {
  struct Event: Sendable, Encodable {
    var name: String
    var cat: String?
    var ph: String
    var ts: Double?
    var dur: Double?
    var pid: Int
    var tid: Int
    var id: Int?
    /// Where a flow's arrow ends: at the span that encloses it.
    var bp: String?
    /// The scope of an instant: its thread.
    var s: String?
    var args: [String: String]?
  }

  let traceEvents: [Event]
  let displayTimeUnit = "ms"

  private enum CodingKeys: String, CodingKey {
    case traceEvents
    case displayTimeUnit
  }

  /// Converts timelines, each a process of its own.
  public init(_ timelines: [Timeline]) {
    traceEvents = timelines.enumerated().flatMap { Self.events(of: $1, process: $0 + 1) }
  }

  private static func events(of timeline: Timeline, process: Int) -> [Event] {
    var events = [named("process_name", timeline.title, process, thread: 0)]
    events += timeline.lanes.enumerated().map { named("thread_name", $1, process, thread: $0) }
    let critical = Set(timeline.criticalPath)
    for (index, span) in timeline.spans.enumerated() {
      var arguments = span.arguments
      arguments["picture"] = span.picture.map { "\($0)" }
      arguments["critical"] = critical.contains(index) ? "yes" : nil
      events.append(
        Event(
          name: span.name,
          cat: span.category.rawValue,
          ph: "X",
          ts: span.start * 1000,
          dur: span.duration * 1000,
          pid: process,
          tid: span.lane,
          args: arguments
        )
      )
      for before in span.after where timeline.spans.indices.contains(before) {
        events += flow(timeline.spans[before], span, process, id: process << 20 | events.count)
      }
    }
    return events
      + timeline.instants.map {
        Event(name: $0.name, ph: "i", ts: $0.time * 1000, pid: process, tid: $0.lane, s: "t")
      }
  }

  private static func named(_ what: String, _ name: String, _ process: Int, thread: Int) -> Event {
    Event(name: what, ph: "M", pid: process, tid: thread, args: ["name": name])
  }

  /// An arrow from the end of one span to the beginning of another; none on one lane, where the
  /// order shows.
  private static func flow(
    _ from: Timeline.Span,
    _ to: Timeline.Span,
    _ process: Int,
    id: Int
  ) -> [Event] {
    guard from.lane != to.lane else { return [] }
    var start = Event(name: "needs", cat: "needs", ph: "s", pid: process, tid: from.lane, id: id)
    start.ts = from.end * 1000
    var end = Event(name: "needs", cat: "needs", ph: "f", pid: process, tid: to.lane, id: id)
    end.ts = to.start * 1000
    end.bp = "e"
    return [start, end]
  }
}
