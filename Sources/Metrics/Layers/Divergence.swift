/// Where two runs of one network part.
public struct Divergence: Sendable, Hashable, Codable {
  /// Every compared value, in graph order.
  public var layers: [LayerComparison]

  /// Creates a summary of values in graph order.
  public init(layers: [LayerComparison]) { self.layers = layers }

  /// The first value outside its tolerance: the node that writes it, or one between it and the
  /// last value that agreed, is the cause.
  public var first: LayerComparison? { layers.first { !$0.comparison.passes } }
  /// The last value before ``first`` that agreed.
  public var lastAgreeing: LayerComparison? {
    guard let index = layers.firstIndex(where: { !$0.comparison.passes }) else {
      return layers.last
    }
    return index > 0 ? layers[index - 1] : nil
  }
  /// The value with the least signal to noise among those that differ at all.
  public var noisiest: LayerComparison? {
    layers.filter { $0.comparison.signalToNoiseDecibels != nil }
      .min {
        ($0.comparison.signalToNoiseDecibels ?? 0) < ($1.comparison.signalToNoiseDecibels ?? 0)
      }
  }
  /// Whether every value is within its tolerance.
  public var passes: Bool { first == nil }

  /// The finding in one line, for people.
  ///
  ///     first difference at model.9.cv2 (Conv): largest error …
  public var words: String {
    if let first { return "first difference at \(first.words)" }
    return "all \(layers.count) compared values agree"
  }
}
