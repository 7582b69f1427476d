public import Graphs
import Tensors

/// A node whose operands are all constant becomes the constants that it would write.
///
///     y = Mul({2, 3}, {4})   →   {8, 12}
///
/// It refuses results of unknown size, results that are larger than ``byteLimit`` and than all
/// operands together, operators that draw random numbers, and DequantizeLinear: that the weights
/// are integers is what a quantised network wants to say. The output of a graph stays a
/// node: its name belongs to a computed value.
public struct FoldConstants: RewriteRule {
  /// The rule's name.
  public let name = "fold-constants"
  /// Results up to this size may be larger than the operands.
  public var byteLimit: Int
  /// Creates the rule.
  public init(byteLimit: Int = 1 << 20) { self.byteLimit = byteLimit }

  /// The constants, where every operand is one.
  public func rewrite(_ node: Node, in graph: Graph) throws -> Patch? {
    guard !Self.random.contains(node.operatorName), !(node.op is DequantizeLinear),
      !node.inputs.isEmpty,
      node.inputs.allSatisfy({ $0.map { graph[$0].constant != nil } ?? true }),
      !node.outputs.contains(where: graph.outputs.contains), fits(node, in: graph)
    else { return nil }
    let results = try node.op.evaluate(node.inputs.map { $0.flatMap { graph[$0].constant } })
    guard results.count >= node.outputs.count else { return nil }
    var patch = Patch("every operand of \(node.name) is constant")
    for (output, tensor) in zip(node.outputs, results) {
      patch.replace(output, with: patch.constant(graph[output].name, tensor))
    }
    patch.remove(node)
    return patch
  }

  static let random: Set<String> = [
    "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial",
    "Bernoulli",
  ]

  private func fits(_ node: Node, in graph: Graph) -> Bool {
    var written = 0
    for output in node.outputs {
      let type = graph[output].type
      guard let extents = type.shape?.dimensions,
        let bytes = Shape.checkedCount(extents + [type.scalarType.byteCount]),
        bytes <= Int.max - written
      else { return false }
      written += bytes
    }
    let read = node.inputs.reduce(0) { $0 + ($1.flatMap { graph[$0].constant?.byteCount } ?? 0) }
    return written <= max(byteLimit, read)
  }
}
