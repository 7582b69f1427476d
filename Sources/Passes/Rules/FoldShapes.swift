public import Graphs
import Tensors

/// The shape of a value becomes a constant as far as it is known before running.
///
///     s = Shape(x: [1, 3, 640, 640])          →   {1, 3, 640, 640}
///     d = Gather(Shape(x: [n, 3, ?, ?]), {1})  →   {3}
///
/// It refuses extents that are symbolic or unknown. Binding the symbols of a graph to numbers
/// (``Graph/specialized(_:)``) makes whole shape computations foldable.
public struct FoldShapes: RewriteRule {
  /// The rule's name.
  public let name = "fold-shapes"
  /// Creates the rule.
  public init() {}

  /// The constant, where the extents that `node` reads are known.
  public func rewrite(_ node: Node, in graph: Graph) throws -> Patch? {
    guard !node.outputs.contains(where: graph.outputs.contains) else { return nil }
    switch node.operatorName {
    case "Shape":
      guard let extents = try extents(node, in: graph) else { return nil }
      let known = extents.compactMap { $0 }
      guard known.count == extents.count else { return nil }
      let tensor = try Tensor(known.map(Int64.init), shape: [known.count])
      return patch(node, tensor, in: graph)
    case "Size":
      guard let input = node.operand(0), let shape = graph[input].type.shape else { return nil }
      return patch(node, Tensor(scalar: Int64(shape.count)), in: graph)
    case "Gather":
      return try gathered(node, in: graph)
    default: return nil
    }
  }

  private func gathered(_ node: Node, in graph: Graph) throws -> Patch? {
    guard let source = node.operand(0).flatMap({ graph.producer(of: $0) }),
      source.operatorName == "Shape", let extents = try extents(source, in: graph),
      let indices = graph.constant(node, 1)
    else { return nil }
    var picked: [Int64] = []
    for index in try indices.integers() {
      let position = index < 0 ? index + extents.count : index
      guard extents.indices.contains(position), let extent = extents[position] else { return nil }
      picked.append(Int64(extent))
    }
    return patch(node, try Tensor(picked, shape: indices.shape), in: graph)
  }

  /// The extents that a Shape node reads, nil where unknown.
  private func extents(_ node: Node, in graph: Graph) throws -> [Int?]? {
    guard let input = node.operand(0) else { return nil }
    let all = graph[input].type.dimensions.map(\.value)
    let bound = { (index: Int) in min(max(index < 0 ? index + all.count : index, 0), all.count) }
    let start = bound(try node.attributes.int("start", default: 0))
    let end = bound(try node.attributes.int("end") ?? all.count)
    return Array(all[start..<max(start, end)])
  }

  private func patch(_ node: Node, _ tensor: Tensor, in graph: Graph) -> Patch {
    var patch = Patch("the extents that \(node.name) reads are known")
    patch.replace(
      node.outputs[0],
      with: patch.constant(graph[node.outputs[0]].name, tensor)
    )
    patch.remove(node)
    return patch
  }
}
