import Graphs

/// Removes the nodes whose results nobody reads.
///
///     y = Relu(x)       →   y = Relu(x)
///     z = Exp(x)            output y
///     output y
public struct RemoveDeadCode: Pass {
  /// The pass's name.
  public let name = "remove-dead-code"
  /// Creates the pass.
  public init() {}

  /// Goes through the nodes once, last first, so that what only dead nodes read goes too.
  public func run(on editor: inout GraphEditor) throws {
    for node in editor.graph.nodes.reversed() {
      guard node.outputs.allSatisfy({ editor.graph.useCount(of: $0) == 0 }) else { continue }
      var patch = Patch("nobody reads what \(node.name) writes")
      patch.remove(node)
      guard try editor.apply(patch) != nil else { return }
    }
  }
}
