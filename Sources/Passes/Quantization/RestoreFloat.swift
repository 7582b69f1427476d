public import Graphs
public import Tensors

/// Takes convolutions of a quantised network back to float, to find out what their 8 bits do.
///
///     c = Conv(DequantizeLinear(QuantizeLinear(x)), DequantizeLinear(bytes), b)   →   c = Conv(x, w, b)
///
/// Values that nobody reads as bytes any more are not quantised any more. Weights are what the caller
/// gives, otherwise the numbers that the bytes stand for.
public struct RestoreFloat: Pass {
  /// The pass's name.
  public let name = "restore-float"
  /// The convolutions, by name.
  public var nodes: Set<String>
  /// Their weights, by the convolution's name.
  public var weights: [String: Tensor]

  /// Creates the pass.
  public init(nodes: Set<String>, weights: [String: Tensor] = [:]) {
    self.nodes = nodes
    self.weights = weights
  }

  /// The convolutions of a graph that compute in 8 bits, in graph order.
  public static func quantizedConvolutions(_ graph: Graph) -> [Node] {
    graph.nodes.filter { node in
      node.op is Conv
        && node.inputs.prefix(2).allSatisfy { id in
          id.map { graph.producer(of: $0)?.op is DequantizeLinear } ?? false
        }
    }
  }

  /// Convolutions first, then what nobody needs any more.
  public func run(on editor: inout GraphEditor) throws {
    for node in Self.quantizedConvolutions(editor.graph) where nodes.contains(node.name) {
      guard let patch = try restored(node, in: editor.graph) else { continue }
      guard try editor.apply(patch) != nil else { return }
    }
    let needed = neededValues(editor.graph)
    for node in editor.graph.nodes where node.op is DequantizeLinear {
      guard let original = Self.original(node.outputs[0], editor.graph),
        !needed.contains(node.outputs[0])
      else { continue }
      var patch = Patch("nobody reads \(editor.graph[original].name) as bytes")
      patch.replace(node.outputs[0], with: .existing(original))
      patch.remove(node)
      guard try editor.apply(patch) != nil else { return }
    }
    try RemoveDeadCode().run(on: &editor)
  }

  /// What a value was before it became bytes and numbers again.
  private static func original(_ value: ValueID, _ graph: Graph) -> ValueID? {
    guard let pair = graph.producer(of: value), pair.op is DequantizeLinear,
      let bytes = pair.inputs[0].flatMap({ graph.producer(of: $0) }), bytes.op is QuantizeLinear
    else { return nil }
    return bytes.inputs[0]
  }

  private func restored(_ node: Node, in graph: Graph) throws -> Patch? {
    guard let input = node.inputs[0], let original = Self.original(input, graph),
      let weightID = node.inputs[1], let stored = graph.producer(of: weightID)
    else { return nil }
    let constants = stored.inputs.map { $0.flatMap { graph[$0].constant } }
    guard constants.first != nil, let expected = graph[weightID].type.shape else { return nil }
    var numbers = weights[node.name]
    if numbers?.shape != expected { numbers = try stored.op.evaluate(constants).first }
    guard let numbers else { return nil }
    var patch = Patch("\(node.name) in float again")
    var inputs: [Patch.Value?] = node.inputs.map { $0.map { .existing($0) } }
    inputs[0] = .existing(original)
    inputs[1] = patch.constant(graph[weightID].name + ".float", numbers)
    let result = patch.node(node.op, inputs, name: node.name, standingFor: [node])
    patch.replace(node.outputs[0], with: result)
    patch.remove(node)
    return patch
  }

  /// The dequantised values that convolutions in 8 bits read, directly or through what only moves them.
  private func neededValues(_ graph: Graph) -> Set<ValueID> {
    var needed = Set(Self.quantizedConvolutions(graph).compactMap { $0.inputs[0] })
    for node in graph.nodes.reversed() {
      guard node.op is DequantizeLinear, needed.contains(node.outputs[0]),
        let original = Self.original(node.outputs[0], graph),
        let mover = graph.producer(of: original), QuantizedPlaces.moves(mover)
      else { continue }
      needed.formUnion(QuantizedPlaces.moved(mover))
    }
    return needed
  }
}
