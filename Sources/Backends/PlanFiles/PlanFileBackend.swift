public import Diagnostics
public import Graphs

/// A backend whose plans can be kept in files: built once, loaded again and again.
///
/// Plan files of all backends end in `.plan`; their first bytes tell whose they are.
public protocol PlanFileBackend: Backend {
  /// The first bytes of its plan files.
  static var planMagic: [UInt8] { get }
  /// Builds the contents of a plan file. Cancelling the task stops the build.
  /// - Parameter progress: told from the building thread.
  /// - Throws: `backend.unavailable`, `backend.failed`, `build.unsupported-option`,
  ///   `build.cancelled`.
  func buildPlanFile(
    _ graph: Graph,
    options: PlanBuildOptions,
    source: PlanSource,
    progress: @escaping @Sendable (PlanBuildProgress) -> Void
  ) async throws -> BuiltPlanFile
  /// Loads a plan from its file, after checking whether it belongs here.
  /// - Throws: `backend.unavailable`, IDs of `plan.` and `file.`.
  func loadPlan(path: String, configuration: BuildConfiguration) throws -> any Plan
  /// Reads what a plan's file says of itself. Needs neither the backend's library nor a device.
  /// - Throws: IDs of `plan.` and `file.`.
  func describePlan(path: String) throws -> PlanFileDescription
  /// Reads what a plan's file was built from and how, also where this machine or this release cannot
  /// run it.
  /// - Throws: `plan.unknown-origin` where such files do not tell, IDs of `plan.` and `file.`.
  func planOrigin(path: String) throws -> PlanOrigin
}

extension PlanFileBackend {
  /// Unknown.
  public func planOrigin(path: String) throws -> PlanOrigin {
    throw DeployError(
      .planUnknownOrigin,
      "does not tell from what and how it was built",
      at: .file(path: path),
      remedy: "build it from the model: `vitrine build MODEL --backend \(Self.name)`"
    )
  }
}

/// From what and how a plan was built: enough to build it again.
public struct PlanOrigin: Sendable, Hashable, Codable {
  /// What it was built from.
  public var source: PlanSource
  /// How, apart from how long was searched.
  public var options: PlanBuildOptions
  /// Creates an origin.
  public init(source: PlanSource, options: PlanBuildOptions) {
    self.source = source
    self.options = options
  }
}

/// How a checkpoint became the network that was built.
public struct PlanExport: Sendable, Hashable, Codable {
  /// Whether weights, input and output are half precision.
  public var half: Bool
  /// Which extents are open: `none`, `batch` or `size`.
  public var dynamic: String
  /// Pictures per run where the batch is not open.
  public var batch: Int
  /// Height and width in pixels; nil: the checkpoint's usual size.
  public var imageSize: [Int]?
  /// Creates a description.
  public init(half: Bool, dynamic: String, batch: Int, imageSize: [Int]?) {
    self.half = half
    self.dynamic = dynamic
    self.batch = batch
    self.imageSize = imageSize
  }
}

/// What a plan is built from, for its passport.
public struct PlanSource: Sendable, Hashable, Codable {
  /// The file's name, without its folder.
  public var name: String
  /// The SHA-256 of the file; empty where the graph came from no file.
  public var digest: String
  /// The file's path as seen from the plan's folder; nil where it is not known.
  public var path: String?
  /// How it became the network, where it is a checkpoint.
  public var export: PlanExport?
  /// Creates a description.
  public init(
    name: String,
    digest: String = "",
    path: String? = nil,
    export: PlanExport? = nil
  ) {
    self.name = name
    self.digest = digest
    self.path = path
    self.export = export
  }
}

/// How far a build is.
public struct PlanBuildProgress: Sendable, Hashable {
  /// What the backend does now, in its own words.
  public var phase: String
  /// Steps done of ``total``.
  public var completed: Int
  /// Steps in all.
  public var total: Int
  /// Creates a note.
  public init(phase: String, completed: Int, total: Int) {
    self.phase = phase
    self.completed = completed
    self.total = total
  }
}

/// What a build leaves to be written.
public struct BuiltPlanFile: Sendable {
  /// The file's contents.
  public var bytes: [UInt8]
  /// What the file says of itself.
  public var description: PlanFileDescription
  /// Warnings and notes.
  public var diagnostics: [Diagnostic]
  /// What was tried and what won, where the backend tells.
  public var decisions: [TacticDecision]
  /// Creates a result.
  public init(
    bytes: [UInt8],
    description: PlanFileDescription,
    diagnostics: [Diagnostic] = [],
    decisions: [TacticDecision] = []
  ) {
    self.bytes = bytes
    self.description = description
    self.diagnostics = diagnostics
    self.decisions = decisions
  }
}

/// What a plan file says of itself.
public struct PlanFileDescription: Sendable, Codable {
  /// One fact, in words.
  public struct Fact: Sendable, Hashable, Codable {
    /// What it is.
    public var name: String
    /// Its value.
    public var value: String
    /// Creates a fact.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }
  /// The backend that it belongs to.
  public var backend: String
  /// The facts, in the order in which they should be read.
  public var facts: [Fact]
  /// The layers in the order in which they run; empty where the file does not tell.
  public var layers: [LayerInfo]
  /// What a user of the network must know; nil where the file does not tell.
  public var contract: ModelContract?
  /// What most of it computes in, where the file tells: `float32`, `bfloat16`, `int8`.
  public var precision: String?
  /// Where values lie while it runs, where the file tells.
  public var memory: PlanMemory?
  /// Creates a description.
  public init(
    backend: String,
    facts: [Fact],
    layers: [LayerInfo] = [],
    contract: ModelContract? = nil,
    precision: String? = nil,
    memory: PlanMemory? = nil
  ) {
    self.precision = precision
    self.memory = memory
    self.backend = backend
    self.facts = facts
    self.layers = layers
    self.contract = contract
  }
}

extension Diagnostic.ID {
  /// An option that the backend, or its release, does not have.
  public static let buildUnsupportedOption: Self = "build.unsupported-option"
  /// A build that was stopped.
  public static let buildCancelled: Self = "build.cancelled"
  /// A file that is no plan of any backend.
  public static let planUnknown: Self = "plan.unknown"
  /// A plan file that ends too early.
  public static let planTruncated: Self = "plan.truncated"
  /// A plan file whose bytes are not those that were written.
  public static let planDamaged: Self = "plan.damaged"
  /// A plan of another release.
  public static let planOtherVersion: Self = "plan.other-version"
  /// A plan for other devices than this one.
  public static let planOtherDevice: Self = "plan.other-device"
  /// A plan of another backend.
  public static let planOtherBackend: Self = "plan.other-backend"
  /// A plan that does not tell from what and how it was built.
  public static let planUnknownOrigin: Self = "plan.unknown-origin"
}
