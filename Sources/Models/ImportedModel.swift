public import Diagnostics
public import Graphs

/// A checkpoint as a graph, and what a user of it must know.
public struct ImportedModel: Sendable {
  /// The network. Its contract is ``contract``.
  public var graph: Graph
  /// Classes, anchors, strides, preprocessing.
  public var contract: ModelContract
  /// Notes and warnings, such as invented class names.
  public var diagnostics: [Diagnostic]
}
