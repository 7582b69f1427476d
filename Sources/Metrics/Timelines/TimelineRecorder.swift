import Synchronization

/// Collects what happens on any thread; about 100 ns a span.
///
///     let recorder = TimelineRecorder("detect")
///     let host = recorder.lane("host")
///     let decode = try recorder.measure("decode", .decode, on: host) { try read() }
///     recorder.timeline
public final class TimelineRecorder: Sendable {
  /// A span that is being recorded or was: what others depend on.
  public struct Mark: Sendable, Hashable {
    let index: Int
  }

  /// The clock that spans are measured by.
  public typealias Time = ContinuousClock.Instant

  private struct State {
    var lanes: [String] = []
    var spans: [Timeline.Span] = []
    var instants: [Timeline.Instant] = []
    var droppedCount = 0
  }

  private let title: String
  private let origin: Time
  private let limit: Int
  private let state = Mutex(State())

  /// Begins a timeline now.
  /// - Parameter limit: the most spans; later ones are counted and dropped.
  public init(_ title: String, limit: Int = 100_000) {
    self.title = title
    self.limit = limit
    origin = .now
  }

  /// The number of the lane of that name, made where it is new.
  public func lane(_ name: String) -> Int {
    state.withLock { state in
      if let index = state.lanes.firstIndex(of: name) { return index }
      state.lanes.append(name)
      return state.lanes.count - 1
    }
  }

  /// Records a span that began at `start` and ends at `end`.
  /// - Parameters:
  ///   - parent: the span that it is a part of.
  ///   - after: the spans that had to end first.
  /// - Returns: nil where there were too many.
  @discardableResult
  public func record(
    _ name: String,
    _ category: Timeline.Category,
    on lane: Int,
    from start: Time,
    to end: Time = .now,
    picture: Int? = nil,
    parent: Mark? = nil,
    after: [Mark?] = [],
    arguments: [String: String] = [:]
  ) -> Mark? {
    let span = Timeline.Span(
      name,
      category,
      lane: lane,
      start: (start - origin) / .milliseconds(1),
      duration: (end - start) / .milliseconds(1),
      picture: picture,
      parent: parent?.index,
      after: after.compactMap { $0?.index },
      arguments: arguments
    )
    return state.withLock { state in
      guard state.spans.count < limit else {
        state.droppedCount += 1
        return nil
      }
      state.spans.append(span)
      return Mark(index: state.spans.count - 1)
    }
  }

  /// Records that something happened now.
  public func mark(_ name: String, on lane: Int) {
    let time = (Time.now - origin) / .milliseconds(1)
    state.withLock { $0.instants.append(Timeline.Instant(name, lane: lane, time: time)) }
  }

  /// What was recorded so far.
  public var timeline: Timeline {
    let state = state.withLock { $0 }
    return Timeline(
      title: title,
      lanes: state.lanes,
      spans: state.spans,
      instants: state.instants,
      droppedCount: state.droppedCount
    )
  }
}
