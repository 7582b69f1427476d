extension Graph: CustomStringConvertible {
  /// One line per input, node and output, in order: the form that golden files hold.
  ///
  ///     graph yolov5n
  ///     input images: float32[1, 3, 640, 640]
  ///     model.0.conv = Conv(images, model.0.conv.weight{float32[16, 3, 6, 6]}) {strides: [2, 2]}
  ///     output output0: float32[1, 25200, 85]
  public var description: String {
    var lines = ["graph \(name)"]
    lines += inputs.map { "input \(self[$0].name): \(self[$0].type)" }
    lines += nodes.map { text(of: $0) }
    lines += outputs.map { "output \(self[$0].name): \(self[$0].type)" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The line of one node: results, operator, operands, attributes.
  public func text(of node: Node) -> String {
    let results = node.outputs.map { self[$0].name }.joined(separator: ", ")
    let operands = node.inputs.map { id in
      guard let id else { return "_" }
      let value = self[id]
      return value.constant == nil ? value.name : "\(value.name){\(value.type)}"
    }
    let attributes = node.op.attributes.sorted { $0.key < $1.key }
      .map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    let suffix = attributes.isEmpty ? "" : " {\(attributes)}"
    let name = type(of: node.op).name
    return "\(results) = \(name)(\(operands.joined(separator: ", ")))\(suffix)"
  }
}
