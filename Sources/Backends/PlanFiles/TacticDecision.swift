/// One choice among implementations, with what it rests on.
public struct TacticDecision: Sendable, Hashable, Codable {
  /// One implementation that was measured.
  public struct Candidate: Sendable, Hashable, Codable {
    /// Its name.
    public var tactic: String
    /// What it took inside the whole network, in milliseconds: the least of several runs.
    public var milliseconds: Double
    /// Creates a candidate.
    public init(tactic: String, milliseconds: Double) {
      self.tactic = tactic
      self.milliseconds = milliseconds
    }
  }
  /// One implementation that was no candidate.
  public struct Exclusion: Sendable, Hashable, Codable {
    /// Its name.
    public var tactic: String
    /// Why, in words.
    public var reason: String
    /// Creates an exclusion.
    public init(tactic: String, reason: String) {
      self.tactic = tactic
      self.reason = reason
    }
  }
  /// What the time depends on: element type, shape, window, what follows.
  public var signature: String
  /// The layers that it was made for.
  public var layers: [String]
  /// The implementation that runs.
  public var chosen: String
  /// Everything that was measured.
  public var candidates: [Candidate]
  /// What was no candidate, and why.
  public var excluded: [Exclusion]
  /// Creates a decision.
  public init(
    signature: String,
    layers: [String],
    chosen: String,
    candidates: [Candidate],
    excluded: [Exclusion] = []
  ) {
    self.excluded = excluded
    self.signature = signature
    self.layers = layers
    self.chosen = chosen
    self.candidates = candidates
  }

  /// How many times longer the next best took.
  public var gain: Double? {
    guard let best = candidates.first(where: { $0.tactic == chosen })?.milliseconds, best > 0,
      let next = candidates.filter({ $0.tactic != chosen }).map(\.milliseconds).min()
    else { return nil }
    return next / best
  }
}
