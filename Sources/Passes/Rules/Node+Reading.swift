import Graphs
import Tensors

extension Node {
  /// The ONNX `op_type`.
  var operatorName: String { type(of: op).name }
  /// The attributes, with defaults for those that are absent.
  var attributes: Attributes { Attributes(op.attributes) }
  /// The operand at `index`, or nil when it is left out.
  func operand(_ index: Int) -> ValueID? { index < inputs.count ? inputs[index] : nil }
}

extension Graph {
  /// The contents of an operand, where it is given and constant.
  func constant(_ node: Node, _ index: Int) -> Tensor? {
    node.operand(index).flatMap { self[$0].constant }
  }

  /// Whether readers of `old` may read `new` with no Identity left between: a graph output needs
  /// a value that can take over its name.
  func canReplace(_ old: ValueID, with new: ValueID) -> Bool {
    !outputs.contains(old) || (producer(of: new) != nil && !outputs.contains(new))
  }

  /// The node that writes `value`, where it is of that operator and nobody else reads the value.
  func soleProducer(of value: ValueID, _ names: String...) -> Node? {
    guard let node = producer(of: value), names.contains(node.operatorName),
      useCount(of: value) == 1
    else { return nil }
    return node
  }
}
