public import Backends
public import Diagnostics
public import Metrics

/// Everything one run found out. Pure data: no clock, no file access, no formatting.
///
/// What a run did not look at is absent: an empty list or nil.
public struct Report: Sendable, Codable {
  /// The version of this layout. Readers take it and older ones, and refuse newer ones.
  public static let schemaVersion = 2
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
  /// How right the model is, one per data set or configuration.
  public var accuracy: [AccuracyRecord] = []
  /// How fast the model is, one per configuration.
  public var benchmarks: [BenchmarkRecord] = []
  /// What was compared, and what follows.
  public var verdicts: [Verdict] = []
  /// Where the time of the network goes, one per backend or file.
  public var profiles: [LayerProfile] = []
  /// The network in several engines, if they were compared.
  public var frameworks: FrameworkComparison?
  /// The model in several precisions, if they were compared.
  public var precision: PrecisionComparison?
  /// What fewer bits cost and gain, if it was looked at.
  public var quantization: QuantizationRecord?
  /// Where the gain of optimisation comes from, if it was attributed.
  public var attribution: Attribution?
  /// The model from the checkpoint's modules to the plan.
  public var structure: StructureRecord?
  /// Where the plan keeps its values while it runs.
  public var memory: PlanMemory?
  /// What happened when.
  public var timelines: [Timeline] = []
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

  enum CodingKeys: String, CodingKey {
    case schemaVersion
    case command
    case date
    case subject
    case environment
    case stages
    case graph
    case checks
    case latency
    case pictures
    case accuracy
    case benchmarks
    case verdicts
    case profiles
    case frameworks
    case precision
    case quantization
    case attribution
    case structure
    case memory
    case timelines
    case diagnostics
  }
}
