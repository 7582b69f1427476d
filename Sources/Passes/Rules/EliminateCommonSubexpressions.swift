import Graphs
import Tensors

/// Of several nodes that compute the same, keeps the first.
///
///     a = Shape(x)    →   a = Shape(x)
///     b = Shape(x)        every reader of b reads a
///
/// Two nodes are the same when operator, attributes and operands are; constants are compared by
/// content. It refuses where both results are outputs, whose names differ.
public struct EliminateCommonSubexpressions: Pass {
  /// The pass's name.
  public let name = "eliminate-common-subexpressions"
  /// Larger constants are the same only if they are one value.
  public var byteLimit: Int
  /// Creates the pass.
  public init(byteLimit: Int = 1 << 16) { self.byteLimit = byteLimit }

  /// Goes through the nodes once: each reads what was already merged.
  public func run(on editor: inout GraphEditor) throws {
    var firstByKey: [Key: NodeID] = [:]
    for id in editor.graph.nodes.map(\.id) {
      guard let node = editor.graph[id], !FoldConstants.random.contains(node.operatorName) else {
        continue
      }
      let key = Key(node, in: editor.graph, byteLimit)
      guard let first = firstByKey[key].flatMap({ editor.graph[$0] }) else {
        firstByKey[key] = id
        continue
      }
      let pairs = zip(node.outputs, first.outputs)
      guard pairs.allSatisfy({ editor.graph.canReplace($0, with: $1) }) else { continue }
      var patch = Patch("\(node.name) computes what \(first.name) does")
      for (old, new) in pairs { patch.replace(old, with: .existing(new)) }
      patch.remove(node)
      guard try editor.apply(patch) != nil else { return }
    }
  }
}

/// What makes two nodes the same.
private struct Key: Hashable {
  enum Source: Hashable {
    case none
    case value(ValueID)
    case constant(Tensor)
  }
  let operatorName: String
  let attributes: [String: Attribute]
  let operands: [Source]
  let outputCount: Int

  init(_ node: Node, in graph: Graph, _ byteLimit: Int) {
    operatorName = node.operatorName
    attributes = node.op.attributes
    outputCount = node.outputs.count
    operands = node.inputs.map { id in
      guard let id else { return .none }
      guard let tensor = graph[id].constant, tensor.byteCount <= byteLimit else {
        return .value(id)
      }
      return .constant(tensor)
    }
  }
}
