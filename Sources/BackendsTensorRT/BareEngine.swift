public import Backends
import Diagnostics
import Files

/// An engine without a passport, as trtexec and others write it.
public enum BareEngine {
  /// What its header tells.
  /// - Throws: `plan.unknown`, `plan.truncated`.
  public static func describe(_ bytes: UnsafeRawBufferPointer) throws -> PlanFileDescription {
    let header = try EngineHeader(bytes)
    if let count = header.byteCount, count > bytes.count {
      throw EnginePlanFile.truncated(bytes.count, count)
    }
    var facts: [PlanFileDescription.Fact] = [
      .init("engine", "\(header.flavor.title) \(header.version.text).\(header.build)"),
      .init("passport", "none: what its inputs and outputs mean is not known"),
      .init("engine bytes", "\(bytes.count)"),
    ]
    if !header.targetText.isEmpty { facts.insert(.init("targets", header.targetText), at: 1) }
    return PlanFileDescription(backend: header.flavor.rawValue, facts: facts)
  }

  /// Writes the engine of a plan file by itself, as NVIDIA's own programs read it.
  /// - Throws: `plan.unknown`, `plan.truncated`, `plan.damaged`, `plan.other-backend`, IDs of `file.`.
  public static func extract(from path: String, to target: String) throws {
    let file = try MappedFile(path: path)
    do {
      try withExtendedLifetime(file) {
        let plan = try EnginePlanFile(file.bytes)
        let engine = UnsafeRawBufferPointer(rebasing: file.bytes[plan.engine])
        var output = try AtomicFile(path: target)
        try output.write(engine)
        try output.commit()
      }
    } catch let error as DeployError {
      throw error.inFile(path)
    }
  }
}
