extension Verdict {
  static func words(
    _ outcome: Outcome,
    _ candidate: String,
    _ ratio: Double,
    _ lower: Double,
    _ upper: Double,
    _ blockCount: Int
  ) -> String {
    switch outcome {
    case .faster:
      return "\(candidate) faster by \(percent(1 - ratio)) % "
        + "[\(percent(1 - upper)), \(percent(1 - lower))]"
    case .slower where ratio >= 2:
      return "\(candidate) takes \(rounded(ratio, 1)) times as long "
        + "[\(rounded(lower, 1)), \(rounded(upper, 1))]"
    case .slower:
      return "\(candidate) slower by \(percent(ratio - 1)) % "
        + "[\(percent(lower - 1)), \(percent(upper - 1))]"
    case .noDifference:
      return "no difference shown"
    case .undecided:
      return "too few rounds to say (\(blockCount) of at least \(minimumBlockCount))"
    }
  }

  /// What stands behind the words, in one line:
  /// `engine time of B against A: +0.2 % [-0.4, 0.9] at 95 %, 40 rounds of A B B A`.
  public var detail: String {
    guard upper > 0 else { return words }
    let sign = ratio >= 1 ? "+" : ""
    let interval = "[\(Self.percent(lower - 1)), \(Self.percent(upper - 1))]"
    let basis =
      design == .interleaved
      ? "\(blockCount) rounds of A B B A" : "measured at different times"
    return "\(quantity) time of \(candidate) against \(baseline): "
      + "\(sign)\(Self.percent(ratio - 1)) % \(interval) "
      + "at \(rounded(confidence * 100, 0)) %, \(basis)"
  }

  private static func percent(_ share: Double) -> String { rounded(share * 100, 1) }
}
