/// One run of a command: its report and what later runs are compared with.
public struct StoredRun: Sendable, Hashable, Codable {
  /// Its number, counted up and never used again; nil before it is stored.
  public var id: Int64?
  /// When it was, in ISO 8601.
  public var date: String
  /// The command, such as `bench`.
  public var command: String
  /// A name that the user gave it.
  public var name: String?
  /// The model's file name.
  public var model: String
  /// SHA-256 of the model's file.
  public var modelHash: String
  /// The version of this program.
  public var version: String
  /// The machine in a few words.
  public var machine: String
  /// The report as JSON.
  public var report: String
  /// What was measured.
  public var configurations: [StoredConfiguration]

  /// Creates a run that is not stored yet.
  public init(
    date: String,
    command: String,
    name: String? = nil,
    model: String,
    modelHash: String,
    version: String,
    machine: String,
    report: String,
    configurations: [StoredConfiguration] = []
  ) {
    self.date = date
    self.command = command
    self.name = name
    self.model = model
    self.modelHash = modelHash
    self.version = version
    self.machine = machine
    self.report = report
    self.configurations = configurations
  }
}
