import Glibc

/// Whether B is faster than A, in words that a number of honest repetitions would bear out.
public struct Verdict: Sendable, Hashable, Codable {
  /// What the measurements show.
  public enum Outcome: String, Sendable, Hashable, Codable {
    /// B takes less time.
    case faster
    /// B takes more time.
    case slower
    /// Neither can be said.
    case noDifference = "no-difference"
    /// There are too few measurements to say anything.
    case undecided
  }

  /// How A and B were measured.
  public enum Design: String, Sendable, Hashable, Codable {
    /// In turns, A B B A, within one process.
    case interleaved
    /// At different times; what changed between can only be allowed for.
    case apart
  }

  /// A: what the other is measured against.
  public let baseline: String
  /// B: what is judged.
  public let candidate: String
  /// What was timed, such as `engine` or `end to end`.
  public let quantity: String
  /// The time of B divided by the time of A; below 1, B is faster; 1 where undecided.
  public let ratio: Double
  /// The lower end of the interval of the ratio; 0 where undecided.
  public let lower: Double
  /// The upper end; 0 where undecided.
  public let upper: Double
  /// The probability that the interval is to hold, such as 0.95.
  public let confidence: Double
  /// Differences up to this share are not called one: where memory happens to lie moves the same
  /// build by as much.
  public let smallestDifference: Double
  /// How A and B were measured.
  public let design: Design
  /// The number of A B B A rounds; 0 where measured apart.
  public let blockCount: Int
  /// The number of timed runs of both.
  public let runCount: Int
  /// What the measurements show.
  public let outcome: Outcome
  /// The verdict for people: `B faster by 3.1 % [2.4, 3.8]` or `no difference shown`.
  public let words: String

  /// The fewest A B B A rounds that say anything.
  public static let minimumBlockCount = 12

  /// Judges interleaved measurements.
  /// - Parameters:
  ///   - blocks: in the order of measurement.
  ///   - runCount: the number of timed runs in them; nil counts the legs.
  ///   - smallestDifference: see ``smallestDifference``.
  ///   - obstacle: why the measurements cannot be trusted to show anything; then nothing is judged.
  public init(
    baseline: String,
    candidate: String,
    quantity: String,
    blocks: [InterleavedBlock],
    runCount: Int? = nil,
    smallestDifference: Double = 0.01,
    obstacle: String? = nil,
    bootstrap: BlockBootstrap = BlockBootstrap()
  ) {
    let ratios = blocks.compactMap(\.logRatio)
    let isEnough = ratios.count >= Self.minimumBlockCount
    self.init(
      baseline: baseline,
      candidate: candidate,
      quantity: quantity,
      logRatio: isEnough ? bootstrap.estimate(ratios) : nil,
      confidence: bootstrap.confidence,
      smallestDifference: smallestDifference,
      design: .interleaved,
      obstacle: obstacle,
      blockCount: ratios.count,
      runCount: runCount ?? blocks.reduce(0) { $0 + $1.baseline.count + $1.candidate.count }
    )
  }

  /// Judges an estimate of ln(B / A); nil means that there is too little for one.
  package init(
    baseline: String,
    candidate: String,
    quantity: String,
    logRatio: BlockBootstrap.Estimate?,
    confidence: Double,
    smallestDifference: Double,
    design: Design,
    obstacle: String? = nil,
    blockCount: Int,
    runCount: Int
  ) {
    self.baseline = baseline
    self.candidate = candidate
    self.quantity = quantity
    self.confidence = confidence
    self.smallestDifference = smallestDifference
    self.design = design
    self.blockCount = blockCount
    self.runCount = runCount
    ratio = logRatio.map { exp($0.value) } ?? 1
    lower = logRatio.map { exp($0.lower) } ?? 0
    upper = logRatio.map { exp($0.upper) } ?? 0
    if logRatio == nil || obstacle != nil {
      outcome = .undecided
    } else if upper < 1 - smallestDifference {
      outcome = .faster
    } else if lower > 1 + smallestDifference {
      outcome = .slower
    } else {
      outcome = .noDifference
    }
    let judged = Self.words(outcome, candidate, ratio, lower, upper, blockCount)
    words = obstacle.map { "cannot be judged: \($0)" } ?? judged
  }
}
