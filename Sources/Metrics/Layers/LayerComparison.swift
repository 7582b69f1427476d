import Graphs

/// One value of a network, compared between two runs.
public struct LayerComparison: Sendable, Hashable, Codable {
  /// The value's name.
  public var value: String
  /// The node that writes it.
  public var node: String
  /// The operator of that node.
  public var operatorName: String
  /// The module paths in the checkpoint that the node stands for.
  public var modules: [String]
  /// The place of the node in graph order, from 0.
  public var position: Int
  /// How far the value is from the expected one.
  public var comparison: TensorComparison

  /// The place as people know it: the module in the checkpoint, or the node.
  public var place: String { modules.isEmpty ? node : modules.joined(separator: " + ") }

  /// The comparison in one line, for people.
  ///
  ///     model.9.cv2 (Conv): largest error …
  public var words: String { "\(place) (\(operatorName)): \(comparison.words)" }
}
