/// What happened when, on which thread or stream, and what waited for what.
public struct Timeline: Sendable, Hashable, Codable {
  /// What was traced.
  public var title: String
  /// Threads and streams, by index.
  public var lanes: [String]
  /// What took time, in the order of recording; spans name each other by index.
  public var spans: [Span]
  /// What happened at one time.
  public var instants: [Instant]
  /// The spans of the longest chain of dependencies, in order, by index.
  public var criticalPath: [Int]
  /// How many spans were not kept, for there were too many.
  public var droppedCount: Int

  /// The part of the pipeline that a span belongs to.
  public enum Category: String, Sendable, Hashable, Codable, CaseIterable {
    case load
    case decode
    case letterbox
    case hostToDevice
    case enqueue
    case compute
    case layer
    case deviceToHost
    case suppress
    case draw
    case other
  }

  /// Something that took time.
  public struct Span: Sendable, Hashable, Codable {
    /// What it was.
    public var name: String
    /// The part of the pipeline.
    public var category: Category
    /// Where it ran, an index of ``Timeline/lanes``.
    public var lane: Int
    /// When it began, in milliseconds since the timeline's.
    public var start: Double
    /// How long it took, in milliseconds.
    public var duration: Double
    /// The picture that it worked on, from 0.
    public var picture: Int?
    /// The span that it is a part of.
    public var parent: Int?
    /// The earlier spans that had to end first.
    public var after: [Int]
    /// What else is known, by name.
    public var arguments: [String: String]

    /// When it ended, in milliseconds.
    public var end: Double { start + duration }

    /// Creates a span.
    public init(
      _ name: String,
      _ category: Category,
      lane: Int,
      start: Double,
      duration: Double,
      picture: Int? = nil,
      parent: Int? = nil,
      after: [Int] = [],
      arguments: [String: String] = [:]
    ) {
      self.name = name
      self.category = category
      self.lane = lane
      self.start = start
      self.duration = duration
      self.picture = picture
      self.parent = parent
      self.after = after
      self.arguments = arguments
    }
  }

  /// Something that happened at one time.
  public struct Instant: Sendable, Hashable, Codable {
    /// What it was.
    public var name: String
    /// Where, an index of ``Timeline/lanes``.
    public var lane: Int
    /// When, in milliseconds since the timeline's beginning.
    public var time: Double

    /// Creates an instant.
    public init(_ name: String, lane: Int, time: Double) {
      self.name = name
      self.lane = lane
      self.time = time
    }
  }

  /// Creates a timeline and finds its critical path.
  public init(
    title: String,
    lanes: [String],
    spans: [Span],
    instants: [Instant] = [],
    droppedCount: Int = 0
  ) {
    self.title = title
    self.lanes = lanes
    self.spans = spans
    self.instants = instants
    self.droppedCount = droppedCount
    criticalPath = CriticalPath(spans).indices
  }
}
