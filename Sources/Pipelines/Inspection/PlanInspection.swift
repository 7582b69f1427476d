public import Backends
import BackendsTensorRT
import Diagnostics
import Files

/// A plan file → what it says of itself. Needs no engine and no GPU.
public enum PlanInspection {
  /// Whether a file is a plan, by its first bytes or its name.
  public static func isPlan(_ path: String) throws -> Bool {
    let name = path.lowercased()
    if name.hasSuffix(".plan") || name.hasSuffix(".engine") { return true }
    let file = try MappedFile(path: path)
    return withExtendedLifetime(file) {
      BackendChoice().planBackends.contains { file.bytes.starts(with: type(of: $0).planMagic) }
    }
  }

  /// The backend whose plan a file is. Of several that share their first bytes, the one that the
  /// file's passport names.
  /// - Throws: `plan.unknown`, IDs of `file.`.
  static func owner(of path: String, _ choice: BackendChoice = BackendChoice()) throws
    -> any PlanFileBackend
  {
    let name = try describe(path).backend
    guard let owner = choice.planBackends.first(where: { type(of: $0).name == name }) else {
      throw DeployError(
        .planUnknown,
        "is a plan of '\(name)', which cannot be loaded",
        at: .file(path: path),
        remedy: "build a plan from the model with `vitrine build`"
      )
    }
    return owner
  }

  /// Reads a plan of any backend.
  /// - Throws: IDs of `plan.` and `file.`.
  public static func describe(_ path: String) throws -> PlanFileDescription {
    let file = try MappedFile(path: path)
    return try withExtendedLifetime(file) {
      let owner = BackendChoice().planBackends.first { backend in
        file.bytes.starts(with: type(of: backend).planMagic)
      }
      if let owner { return try owner.describePlan(path: path) }
      do { return try BareEngine.describe(file.bytes) } catch let error as DeployError {
        throw error.inFile(path)
      }
    }
  }
}
