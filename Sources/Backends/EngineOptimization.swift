/// Something that an engine does to make a graph faster, and can leave out.
///
/// Where a pass of ours does the same, both have the same name, so that it can be switched off
/// wherever it happens.
public struct EngineOptimization: Sendable, Hashable, Codable {
  /// What an optimisation works on.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The graph: folding, removing.
    case graph
    /// The instructions that are used.
    case kernels
    /// Several nodes in one layer.
    case fusion
    /// Where the elements of values lie, and whether they are copied.
    case layout
    /// Memory that values share.
    case memory
    /// Which of several implementations runs.
    case tactics
    /// What is computed in.
    case precision
    /// How many work at the same time.
    case threads
  }

  /// Its name: `fold-batch-normalization`, `block-layout`.
  public let name: String
  /// What it does, in one sentence.
  public let summary: String
  /// What it works on.
  public let kind: Kind

  /// Creates an optimisation.
  public init(name: String, summary: String, kind: Kind = .graph) {
    self.name = name
    self.summary = summary
    self.kind = kind
  }
}
