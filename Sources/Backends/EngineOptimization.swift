/// Something that an engine does to make a graph faster, and can leave out.
///
/// Where a pass of ours does the same, both have the same name, so that it can be switched off
/// wherever it happens.
public struct EngineOptimization: Sendable, Hashable, Codable {
  /// Its name: `fold-batch-normalization`, `block-layout`.
  public let name: String
  /// What it does, in one sentence.
  public let summary: String

  /// Creates an optimisation.
  public init(name: String, summary: String) {
    self.name = name
    self.summary = summary
  }
}
