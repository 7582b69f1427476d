public import Backends
import BackendsNative
import Diagnostics
import Files
import Graphs

/// A plan that cannot be used, or should not be → the same plan anew, from the file that it was built
/// from and with the same options.
public struct RebuildJob: Sendable {
  /// The plan.
  public var plan: String
  /// The file to write; nil replaces the plan.
  public var output: String?
  /// The file that timings are read from and written to.
  public var timingCache: String?
  /// How long to search for kernels: 0 to 5.
  public var level: Int?
  /// Where engines' libraries are.
  public var cache: String?

  /// Creates a job.
  public init(plan: String) { self.plan = plan }

  /// Builds the plan anew where this machine or this release cannot use it.
  /// - Returns: what was done and why; nil where the plan can be used.
  /// - Throws: what is wrong with the plan otherwise, and what ``run(progress:)`` throws.
  public func runWhereNeeded(
    progress: @escaping ProgressHandler = { _ in }
  ) async throws -> (result: BuildPlanResult, reason: String)? {
    do {
      let choice = BackendChoice(cache: cache)
      _ = try PlanInspection.owner(of: plan, choice).loadPlan(
        path: plan,
        configuration: choice.configuration
      )
      return nil
    } catch let error as DeployError where Self.curable.contains(error.id) {
      let result = try await run(progress: progress)
      return (result, error.diagnostics.first?.message ?? "")
    }
  }

  /// What building anew can help against.
  private static let curable: Set<Diagnostic.ID> = [
    .planOtherVersion, .planOtherDevice, .planNeedsOneDNN,
  ]

  /// Builds the plan anew.
  /// - Throws: `plan.unknown-origin`, `plan.no-source`, `plan.other-source`, and what building throws.
  public func run(
    progress: @escaping ProgressHandler = { _ in }
  ) async throws -> BuildPlanResult {
    let owner = try owner()
    let origin = try owner.planOrigin(path: plan)
    var job = BuildJob(
      model: try source(origin.source),
      output: output ?? plan,
      backend: BackendChoice(type(of: owner).name, cache: cache)
    )
    job.options = origin.options
    job.options.timingCache = timingCache
    job.options.level = level
    if let export = origin.source.export { try job.export.take(export, plan) }
    return try await job.run(progress: progress)
  }

  /// By the file's first bytes: the backend need not be able to read more of it.
  private func owner() throws -> any PlanFileBackend {
    let file = try MappedFile(path: plan)
    let backends = BackendChoice(cache: cache).planBackends
    let owner = withExtendedLifetime(file) {
      backends.first { file.bytes.starts(with: type(of: $0).planMagic) }
    }
    guard let owner else {
      throw DeployError(
        .planUnknown,
        "is no plan that could be built again",
        at: .file(path: plan),
        remedy: "build a plan from the model with `vitrine build`"
      )
    }
    return owner
  }

  /// The file that the plan was built from, found to be the same.
  private func source(_ source: PlanSource) throws -> String {
    guard let relative = source.path, !source.digest.isEmpty else {
      throw DeployError(
        .planUnknownOrigin,
        "does not tell where the file lies that it was built from",
        at: .file(path: plan),
        remedy: "build it from the model with `vitrine build`"
      )
    }
    let path = RelativePath.path(relative, fromFolderOf: plan)
    guard FileAccess.isReadable(path) else {
      throw DeployError(
        .planNoSource,
        "was built from '\(source.name)', which is not at '\(path)'",
        at: .file(path: plan),
        remedy: "put the model there, or build the plan from it with `vitrine build`"
      )
    }
    let digest = try SHA256.hex(ofFile: path)
    guard digest == source.digest else {
      throw DeployError(
        .planOtherSource,
        "was built from another file than '\(path)' is now: SHA-256 \(source.digest.prefix(12))…, "
          + "not \(digest.prefix(12))…",
        at: .file(path: plan),
        remedy: "build the plan from the file that is meant with `vitrine build`"
      )
    }
    return path
  }
}

extension ExportOptions {
  /// The part of the options that a plan tells.
  var ofPlan: PlanExport {
    PlanExport(half: half, dynamic: dynamic.rawValue, batch: batch, imageSize: imageSize)
  }

  /// Takes what a plan tells, which may be anything.
  fileprivate mutating func take(_ export: PlanExport, _ plan: String) throws {
    guard let dynamic = Dynamic(rawValue: export.dynamic), (1...1024).contains(export.batch),
      export.imageSize.map({ $0.count == 2 && $0.allSatisfy { (1...1 << 16).contains($0) } })
        ?? true
    else {
      throw DeployError(
        .planDamaged,
        "says that it was exported in a way that there is not",
        at: .file(path: plan),
        remedy: "build it from the model with `vitrine build`"
      )
    }
    (half, batch, imageSize) = (export.half, export.batch, export.imageSize)
    self.dynamic = dynamic
  }
}

extension Diagnostic.ID {
  /// A plan whose source is not where it says.
  static let planNoSource: Self = "plan.no-source"
  /// A plan whose source has changed since.
  static let planOtherSource: Self = "plan.other-source"
}
