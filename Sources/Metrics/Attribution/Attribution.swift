/// Where the gain of optimisation comes from: one bar per optimisation, which add up to the whole.
///
/// The bars are steps of one chain: starting with every optimisation off, each is switched on in
/// turn and stays on. What an optimisation brings depends on those before it, so beside each bar
/// stands what leaving out only this one costs at the end of the chain; the two differ where
/// optimisations work on the same thing.
public struct Attribution: Sendable, Hashable, Codable {
  /// The model's file name, without its folder.
  public var model: String
  /// The backend's name.
  public var backend: String
  /// The backend's version.
  public var backendVersion: String
  /// The shape of the network's input, [N, 3, H, W].
  public var inputShape: [Int]
  /// Threads inside one run when everything is on.
  public var threadCount: Int
  /// How it was measured, in sentences.
  public var method: String
  /// The time of one run with everything off, in milliseconds.
  public var start: TimeInterval
  /// The time of one run with everything on, in milliseconds.
  public var end: TimeInterval
  /// The steps from start to end, in order: `start + Σ change = end`.
  public var bars: [Bar]
  /// What the steps of each kind change together, in the order of the kinds' first steps; nil in
  /// older documents.
  public var kinds: [Kind]?
  /// How much faster everything makes it: start divided by end.
  public var speedup: TimeInterval

  /// A measured number with its 95 % interval.
  public struct TimeInterval: Sendable, Hashable, Codable {
    /// The estimate.
    public var value: Double
    /// The lower end.
    public var lower: Double
    /// The upper end.
    public var upper: Double
    /// Creates an interval.
    public init(value: Double, lower: Double, upper: Double) {
      self.value = value
      self.lower = lower
      self.upper = upper
    }
  }

  /// One optimisation.
  public struct Bar: Sendable, Hashable, Codable {
    /// Its name: `fold-batch-normalization`, `threads`.
    public var name: String
    /// What it does, in one sentence.
    public var summary: String
    /// How it changes the time of one run, in milliseconds; negative is faster.
    public var change: TimeInterval
    /// What leaving out only this one costs at the end, in milliseconds; positive is slower.
    public var costOfLeavingOut: TimeInterval
    /// What both say, in words.
    public var words: String
    /// What it works on: `fusion`, `layout`, `memory`; nil in older documents.
    public var kind: String?
  }

  /// The optimisations that work on one thing.
  public struct Kind: Sendable, Hashable, Codable {
    /// What they work on: `fusion`, `layout`, `memory`.
    public var name: String
    /// The sum of their bars, in milliseconds; negative is faster.
    public var change: TimeInterval
  }

  /// Creates an attribution.
  public init(
    model: String,
    backend: String,
    backendVersion: String,
    inputShape: [Int],
    threadCount: Int,
    method: String,
    start: TimeInterval,
    end: TimeInterval,
    bars: [Bar],
    kinds: [Kind]? = nil,
    speedup: TimeInterval
  ) {
    self.model = model
    self.backend = backend
    self.backendVersion = backendVersion
    self.inputShape = inputShape
    self.threadCount = threadCount
    self.method = method
    self.start = start
    self.end = end
    self.bars = bars
    self.kinds = kinds
    self.speedup = speedup
  }
}
