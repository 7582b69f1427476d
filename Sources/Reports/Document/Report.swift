public import Diagnostics

/// Everything one run found out. Pure data: no clock, no file access, no formatting.
public struct Report: Sendable, Codable {
  /// The version of this layout; readers refuse a newer one.
  public static let schemaVersion = 1
  /// The version that this document was written in.
  public var schemaVersion = Report.schemaVersion
  /// What was run, such as `deploy`.
  public var command: String
  /// The time of the run, in ISO 8601.
  public var date: String
  /// The model.
  public var subject: Subject
  /// The machine and the engines: name to text, sorted by name when shown.
  public var environment: [String: String]
  /// The stages in order.
  public var stages: [Stage] = []
  /// The graph before and after the passes, if passes ran.
  public var graph: GraphSummary?
  /// Checks in order; the run passes when each of them does.
  public var checks: [Check] = []
  /// The latency of the engine, if it was measured.
  public var latency: LatencyRecord?
  /// The pictures with what was found in them.
  public var pictures: [Picture] = []
  /// Warnings and notes.
  public var diagnostics: [Diagnostic] = []

  /// Creates a report without results.
  public init(command: String, date: String, subject: Subject, environment: [String: String]) {
    self.command = command
    self.date = date
    self.subject = subject
    self.environment = environment
  }

  /// Whether every check passed.
  public var passes: Bool { checks.allSatisfy(\.passes) }
}

/// The model that a report is about.
public struct Subject: Sendable, Codable {
  /// The file's name without its folder.
  public var file: String
  /// The file's size in bytes.
  public var byteCount: Int
  /// The model family and era.
  public var family: String
  /// What the network answers.
  public var task: String
  /// Class names by class index.
  public var classNames: [String]
  /// Trained numbers.
  public var parameterCount: Int
  /// Billions of floating-point operations for one picture at ``inputSize``.
  public var gigaOperations: Double
  /// Input height and width in pixels.
  public var inputSize: [Int]

  /// Creates a description.
  public init(
    file: String,
    byteCount: Int,
    family: String,
    task: String,
    classNames: [String],
    parameterCount: Int,
    gigaOperations: Double,
    inputSize: [Int]
  ) {
    self.file = file
    self.byteCount = byteCount
    self.family = family
    self.task = task
    self.classNames = classNames
    self.parameterCount = parameterCount
    self.gigaOperations = gigaOperations
    self.inputSize = inputSize
  }
}

/// One stage of the run.
public struct Stage: Sendable, Codable {
  /// The stage's verb, such as `export`.
  public var name: String
  /// The time that it took.
  public var milliseconds: Double
  /// Its result in one line.
  public var summary: String
  /// Creates a stage.
  public init(name: String, milliseconds: Double, summary: String) {
    self.name = name
    self.milliseconds = milliseconds
    self.summary = summary
  }
}

/// One thing that was checked.
public struct Check: Sendable, Codable {
  /// What was compared with what.
  public var name: String
  /// Whether it holds.
  public var passes: Bool
  /// What was measured, by name, in order.
  public var figures: [Figure]
  /// The verdict in words.
  public var verdict: String

  /// One measured number or word.
  public struct Figure: Sendable, Codable {
    /// What it is.
    public var name: String
    /// Its value, formatted.
    public var value: String
    /// What was required, if anything.
    public var limit: String?
    /// Creates a figure.
    public init(_ name: String, _ value: String, limit: String? = nil) {
      self.name = name
      self.value = value
      self.limit = limit
    }
  }

  /// Creates a check.
  public init(name: String, passes: Bool, figures: [Figure], verdict: String) {
    self.name = name
    self.passes = passes
    self.figures = figures
    self.verdict = verdict
  }
}
