import Glibc

/// One A B B A round of a comparison: whatever drifts steadily while it lasts (clock speed, heat,
/// a neighbour's load) weighs on both alike.
public struct InterleavedBlock: Sendable, Hashable, Codable {
  /// The first and the last leg, of A, in milliseconds.
  public var baseline: [Double]
  /// The two legs between them, of B, in milliseconds.
  public var candidate: [Double]

  /// Creates a block.
  /// - Parameters:
  ///   - baseline: the legs of A, in milliseconds.
  ///   - candidate: the legs of B, in milliseconds.
  public init(baseline: [Double], candidate: [Double]) {
    self.baseline = baseline
    self.candidate = candidate
  }

  /// ln(B / A), each the geometric mean of its legs; nil where a leg took no time or is missing.
  var logRatio: Double? {
    let legs = baseline + candidate
    guard !baseline.isEmpty, !candidate.isEmpty, legs.allSatisfy({ $0 > 0 && $0.isFinite })
    else { return nil }
    return Self.meanLog(candidate) - Self.meanLog(baseline)
  }

  private static func meanLog(_ times: [Double]) -> Double {
    times.reduce(0) { $0 + log($1) } / Double(times.count)
  }
}
