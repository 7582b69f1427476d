import Graphs
import Tensors

/// What is quantised: the operands of convolutions, and what only moves them.
struct QuantizedPlaces {
  /// The convolutions whose weights become bytes, in graph order.
  let convolutions: [NodeID]
  /// The values that become bytes, in graph order.
  let values: [ValueID]
  /// The same values, those together that share a scale.
  let groups: [[ValueID]]
  /// The convolutions' results that a function of one operand follows.
  let results: [ValueID]

  init(_ graph: Graph, isKept: (Node) -> Bool) {
    let nodes = graph.nodes
    let convolutions = nodes.filter { node in
      node.op is Conv && !isKept(node) && graph.constant(node, 1)?.scalarType == .float32
        && node.inputs[0].map { Self.isNumber($0, graph) } ?? false
    }
    var chosen: Set<ValueID> = Set(convolutions.compactMap { $0.inputs[0] })
    // Against the order of the graph: what a mover writes as bytes it reads as bytes.
    for node in nodes.reversed() where Self.moves(node) {
      guard let output = node.outputs.first, chosen.contains(output) else { continue }
      let inputs = Self.moved(node)
      guard inputs.allSatisfy({ Self.isNumber($0, graph) }) else { continue }
      chosen.formUnion(inputs)
    }
    var groups = Groups()
    for node in nodes where Self.moves(node) {
      guard let output = node.outputs.first, chosen.contains(output) else { continue }
      for input in Self.moved(node) where chosen.contains(input) { groups.join(output, input) }
    }
    self.convolutions = convolutions.map(\.id)
    values = (graph.inputs + nodes.flatMap(\.outputs)).filter(chosen.contains)
    self.groups = groups.lists(of: values)
    results = convolutions.map { $0.outputs[0] }.filter { value in
      let readers = graph.consumers(of: value)
      return !chosen.contains(value) && readers.count == 1 && readers[0].op is SiLU
    }
  }

  /// Floats that are not bytes already.
  private static func isNumber(_ value: ValueID, _ graph: Graph) -> Bool {
    graph[value].type.scalarType == .float32 && graph[value].type.rank == 4
      && !(graph.producer(of: value)?.op is DequantizeLinear)
  }

  static func moves(_ node: Node) -> Bool {
    if let resize = node.op as? Resize { return resize.mode == .nearest }
    return node.op is Concat || node.op is MaxPool
  }

  static func moved(_ node: Node) -> [ValueID] {
    node.op is Concat ? node.inputs.compactMap { $0 } : node.inputs.prefix(1).compactMap { $0 }
  }
}

/// Values that belong together, found by joining pairs.
private struct Groups {
  private var parents: [ValueID: ValueID] = [:]

  private func root(_ value: ValueID) -> ValueID {
    var value = value
    while let parent = parents[value] { value = parent }
    return value
  }

  mutating func join(_ left: ValueID, _ right: ValueID) {
    let (left, right) = (root(left), root(right))
    if left != right { parents[left] = right }
  }

  func lists(of values: [ValueID]) -> [[ValueID]] {
    var lists: [ValueID: [ValueID]] = [:]
    for value in values { lists[root(value), default: []].append(value) }
    return values.compactMap { lists.removeValue(forKey: root($0)) }
  }
}
