public import Backends

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
}
