public import Tensors

/// How far one tensor is from another, expected one.
public struct TensorComparison: Sendable, Hashable, Codable {
  /// The largest error of one kind and where it is.
  public struct Worst: Sendable, Hashable, Codable {
    /// The error.
    public var error: Double
    /// The position, outermost axis first.
    public var index: [Int]
    /// What was found there.
    public var actual: Double
    /// What was expected there.
    public var expected: Double
  }

  /// What a tensor contains, non-finite elements apart.
  public struct Contents: Sendable, Hashable, Codable {
    /// The smallest finite element; nil where there is none.
    public var minimum: Double?
    /// The largest finite element; nil where there is none.
    public var maximum: Double?
    /// The number of elements that are not a number.
    public var nanCount = 0
    /// The number of infinite elements.
    public var infinityCount = 0
  }

  /// The number of elements compared.
  public var elementCount: Int
  /// The shapes where they differ; nothing else was compared then.
  public var shapeMismatch: ShapeMismatch?
  /// The largest |actual - expected|; nil where the two are equal.
  public var largestAbsoluteError: Worst?
  /// The largest |actual - expected| / |expected| where the expected value is not 0.
  public var largestRelativeError: Worst?
  /// The mean of |actual - expected|.
  public var meanAbsoluteError: Double
  /// The cosine of the angle between the two as vectors; 1 where both are 0.
  public var cosineSimilarity: Double
  /// 10 · log₁₀(Σ expected² / Σ (actual - expected)²); nil where the two are equal.
  public var signalToNoiseDecibels: Double?
  /// The number of elements outside the tolerance.
  public var violationCount: Int
  /// The element that is furthest outside the tolerance.
  public var firstViolation: Worst?
  /// What the first tensor contains.
  public var actual: Contents
  /// What the expected tensor contains.
  public var expected: Contents
  /// How close they had to be.
  public var tolerance: Tolerance

  /// Whether the shapes agree and every element is within the tolerance.
  public var passes: Bool { shapeMismatch == nil && violationCount == 0 }

  /// Two shapes that differ.
  public struct ShapeMismatch: Sendable, Hashable, Codable {
    /// The shape found.
    public var actual: Shape
    /// The shape expected.
    public var expected: Shape
  }
}
