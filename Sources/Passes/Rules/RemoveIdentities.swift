public import Graphs
import Tensors

/// Removes the nodes that give back their operand.
///
///     Identity(x), Dropout(x) when not training, Cast to the type that x has, Reshape, Expand,
///     Flatten to the shape that x has, Transpose in the same order, Concat of one value, Pad by
///     0, Slice of everything, Mul or Div by 1, Add or Sub of 0   →   x
///
/// Arithmetic goes only where broadcasting leaves the type as it is; `x + 0` turns -0 into +0,
/// which no reader can tell. It refuses where an output would lose its name: an input or
/// constant that is an output, and one value as two outputs, need the Identity between.
public struct RemoveIdentities: RewriteRule {
  /// The rule's name.
  public let name = "remove-identities"
  /// Creates the rule.
  public init() {}

  /// The removal, where `node` gives back its operand.
  public func rewrite(_ node: Node, in graph: Graph) throws -> Patch? {
    guard let (operand, why) = try identity(node, in: graph), let output = node.outputs.first,
      node.outputs.dropFirst().allSatisfy({ graph.useCount(of: $0) == 0 }),
      graph[operand].type.isCompatible(with: graph[output].type),
      graph.canReplace(output, with: operand)
    else { return nil }
    var patch = Patch("\(node.name) \(why)")
    patch.replace(output, with: .existing(operand))
    patch.remove(node)
    return patch
  }

  private func identity(_ node: Node, in graph: Graph) throws -> (ValueID, String)? {
    guard let input = node.operand(0), let output = node.outputs.first else { return nil }
    let (type, result) = (graph[input].type, graph[output].type)
    let isSame = type == result && !type.dimensions.contains(.unknown)
    switch node.operatorName {
    case "Identity": return (input, "copies")
    case "Dropout":
      let training = try graph.constant(node, 2)?.integers().first ?? 0
      let isOff = training == 0 && (node.operand(2) == nil || graph.constant(node, 2) != nil)
      return isOff ? (input, "drops nothing outside training") : nil
    case "Cast":
      return type.scalarType == result.scalarType ? (input, "casts to the type it has") : nil
    case "Reshape", "Expand", "Flatten":
      return isSame ? (input, "gives the shape that its operand has") : nil
    case "Transpose":
      let order = try node.attributes.ints("perm") ?? Array((0..<type.rank).reversed())
      return order == Array(0..<type.rank) ? (input, "keeps the order of axes") : nil
    case "Concat": return node.inputs.count == 1 ? (input, "joins one value") : nil
    case "Pad":
      let pads = try graph.constant(node, 1)?.integers()
      return pads?.allSatisfy { $0 == 0 } == true ? (input, "pads by nothing") : nil
    case "Slice":
      let steps = node.operand(4) == nil ? [1] : try graph.constant(node, 4)?.integers()
      let isForward = steps?.allSatisfy { $0 == 1 } ?? false
      return isForward && isSame && type.shape != nil ? (input, "takes everything") : nil
    case "Mul", "Div", "Add", "Sub": return try neutral(node, in: graph)
    default: return nil
    }
  }

  private func neutral(_ node: Node, in graph: Graph) throws -> (ValueID, String)? {
    guard let left = node.operand(0), let right = node.operand(1) else { return nil }
    let isProduct = node.operatorName == "Mul" || node.operatorName == "Div"
    let commutes = node.operatorName == "Mul" || node.operatorName == "Add"
    for (value, other) in commutes ? [(left, right), (right, left)] : [(left, right)] {
      guard let constant = graph[other].constant, constant.byteCount <= 1 << 16,
        graph[value].type == graph[node.outputs[0]].type,
        !graph[value].type.dimensions.contains(.unknown),
        constant.shape.count == 1 || graph[value].type.shape != nil
      else { continue }
      let unit: Double = isProduct ? 1 : 0
      let numbers = try constant.converted(to: .float64).scalars(of: Double.self)
      guard numbers.allSatisfy({ $0 == unit }) else { continue }
      return (value, isProduct ? "multiplies by 1" : "adds 0")
    }
    return nil
  }
}
