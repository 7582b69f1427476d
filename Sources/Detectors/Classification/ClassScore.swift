/// How sure a network is of one class.
public struct ClassScore: Sendable, Hashable, Codable {
  /// An index into the network's class names.
  public var classIndex: Int
  /// After the softmax, 0 ... 1.
  public var probability: Float

  /// Creates a score.
  public init(classIndex: Int, probability: Float) {
    self.classIndex = classIndex
    self.probability = probability
  }
}
