import Graphs
public import Tensors

/// Makes the network compute in 16 bits: half precision, or bfloat16.
///
///     y = Conv(x, w{float32})   →   y' = Conv(Cast(x, float16), w{float16})
///                                   y  = Cast(y', float32)
///
/// Every node is first put between casts, which keeps all types; a cast up followed by one down
/// gives the same number back, so both go. What is left are casts where precision really changes.
///
/// Kept as they are: inputs that are outputs, too, arithmetic on shapes, NonMaxSuppression, Range and quantization, the scales
/// of Resize, and nodes with a constant that half precision cannot hold (beyond ±65504).
public struct CastToHalf: Pass {
  /// The pass's name.
  public var name: String { type == .float16 ? "cast-to-half" : "cast-to-bfloat16" }
  /// ``ScalarType/float16`` or ``ScalarType/bfloat16``.
  public var type: ScalarType
  /// The operators that compute so, where their result is a picture `[N, C, H, W]`; nil: all but
  /// those that must not. Boxes are decoded in single precision, whatever computes the logits.
  public var operators: Set<String>?
  /// Names of nodes that stay as they are, with their operands and results.
  public var keptNodes: Set<String> = []
  /// Whether inputs and outputs become half precision too. The original exporter does so.
  public var castsInterface: Bool
  /// Only with ``castsInterface``.
  public var changesInterface: Bool { castsInterface }

  /// Creates the pass.
  public init(
    castsInterface: Bool = true,
    to type: ScalarType = .float16,
    operators: Set<String>? = nil
  ) {
    self.castsInterface = castsInterface
    self.type = type
    self.operators = operators
  }

  /// Casts the inputs, then each node, then the outputs, and removes what that makes needless.
  public func run(on editor: inout GraphEditor) throws {
    let data = dataValues(of: editor.graph)
    let computing = editor.graph.nodes.filter { $0.inputs.contains { isIn(data, $0) } }.map(\.id)
    for input in editor.graph.inputs where castsInterface && isFloat(input, editor.graph) {
      guard !editor.graph.outputs.contains(input), !reads(input, onlyAsHalf: editor.graph) else {
        continue
      }
      guard try editor.apply(roundTrip(input, in: editor.graph)) != nil else { return }
    }
    for id in computing {
      guard let node = editor.graph[id], let patch = try lowered(node, in: editor.graph) else {
        continue
      }
      guard try editor.apply(patch) != nil else { return }
    }
    if castsInterface { try castInterface(&editor) }
    try RemoveDeadCode().run(on: &editor)
  }

  static let kept: Set<String> = [
    "Cast", "NonMaxSuppression", "Range", "Shape", "Size", "ConstantOfShape", "QuantizeLinear",
    "DequantizeLinear", "DynamicQuantizeLinear", "Identity", "DetectDecode",
  ]

  // MARK: What to cast

  /// The values that depend on the contents of an input, not only on its shape.
  private func dataValues(of graph: Graph) -> Set<ValueID> {
    var data = Set(graph.inputs)
    for node in graph.nodes where node.operatorName != "Shape" && node.operatorName != "Size" {
      if node.inputs.contains(where: { isIn(data, $0) }) { data.formUnion(node.outputs) }
    }
    return data
  }

  private func isIn(_ data: Set<ValueID>, _ value: ValueID?) -> Bool {
    value.map(data.contains) ?? false
  }

  private func isFloat(_ value: ValueID, _ graph: Graph) -> Bool {
    graph[value].type.scalarType == .float32
  }

  private func reads(_ value: ValueID, onlyAsHalf graph: Graph) -> Bool {
    let readers = graph.consumers(of: value)
    return !graph.outputs.contains(value)
      && readers.allSatisfy { ($0.op as? Cast)?.target == type }
  }

  /// The operands of a node that carry data: those of Resize after the first are kept.
  private func operands(_ node: Node, in graph: Graph) -> [Int] {
    let all = node.inputs.indices.filter { index in
      node.inputs[index].map { isFloat($0, graph) } ?? false
    }
    return node.operatorName == "Resize" ? all.filter { $0 == 0 } : all
  }

  // MARK: Casting

  /// The node in half precision between casts; nil where it stays.
  private func lowered(_ node: Node, in graph: Graph) throws -> Patch? {
    let positions = operands(node, in: graph)
    guard !Self.kept.contains(node.operatorName), !keptNodes.contains(node.name),
      !positions.isEmpty,
      computes(node, in: graph),
      try positions.allSatisfy({ try fits(graph[node.inputs[$0] ?? node.outputs[0]].constant) })
    else { return nil }
    var patch = Patch("compute \(node.name) in \(type.rawValue)")
    var inputs: [Patch.Value?] = node.inputs.map { $0.map { .existing($0) } }
    for position in positions {
      guard let value = node.inputs[position] else { continue }
      inputs[position] = half(value, for: node, in: graph, &patch)
    }
    let result = patch.node(node.op, inputs, name: node.name, standingFor: [node])
    for (index, output) in node.outputs.enumerated() {
      var replacement = patch.output(index, of: result)
      if isFloat(output, graph) {
        let name = graph[output].name + ".float32"
        replacement = patch.node(
          Cast(to: .float32),
          [replacement],
          name: name,
          standingFor: [node]
        )
      }
      patch.replace(output, with: replacement)
    }
    patch.remove(node)
    return patch
  }

  private func computes(_ node: Node, in graph: Graph) -> Bool {
    guard let operators else { return true }
    return operators.contains(node.operatorName) && graph[node.outputs[0]].type.rank == 4
  }

  /// The value in half precision: the one that was cast up, a constant, or a new cast.
  private func half(
    _ value: ValueID,
    for node: Node,
    in graph: Graph,
    _ patch: inout Patch
  ) -> Patch.Value {
    if let tensor = graph[value].constant {
      return patch.constant(graph[value].name, halved(tensor))
    }
    if let cast = graph.producer(of: value), let target = (cast.op as? Cast)?.target,
      target == .float32, let source = cast.operand(0),
      graph[source].type.scalarType == type
    {
      return .existing(source)
    }
    let isCast = { (node: Node) in (node.op as? Cast)?.target == type }
    if let cast = graph.consumers(of: value).first(where: isCast) {
      return .existing(cast.outputs[0])
    }
    let name = graph[value].name + ".\(type.rawValue)"
    return patch.node(Cast(to: type), [.existing(value)], name: name, standingFor: [node])
  }

  /// Computed when it is read, where it is large.
  private func halved(_ tensor: Tensor) -> Tensor {
    Tensor(deferred: tensor.shape, type) { [type] in try tensor.converted(to: type) }
  }

  /// Weights are trained numbers; small constants may be limits and sizes.
  private func fits(_ constant: Tensor?) throws -> Bool {
    guard type == .float16, let constant, constant.shape.count <= 4096 else { return true }
    return try constant.floats().allSatisfy { abs($0) < 65520 || !$0.isFinite }
  }

  // MARK: Inputs and outputs

  private func roundTrip(_ value: ValueID, in graph: Graph) -> Patch {
    let name = graph[value].name
    var patch = Patch("\(name) in \(type.rawValue)")
    let half = patch.node(
      Cast(to: type),
      [.existing(value)],
      name: name + ".\(type.rawValue)",
      standingFor: []
    )
    let single = patch.node(
      Cast(to: .float32),
      [half],
      name: name + ".float32",
      standingFor: []
    )
    patch.replace(value, with: single)
    return patch
  }

  private func castInterface(_ editor: inout GraphEditor) throws {
    for input in editor.graph.inputs where isFloat(input, editor.graph) {
      guard reads(input, onlyAsHalf: editor.graph) else { continue }
      var type = editor.graph[input].type
      type.scalarType = self.type
      guard try editor.retypeInput(input, to: type, reason: "callers give half precision") else {
        return
      }
      for reader in editor.graph.consumers(of: input) {
        guard let patch = try RemoveIdentities().rewrite(reader, in: editor.graph) else { continue }
        try editor.apply(patch)
      }
    }
    for output in editor.graph.outputs where isFloat(output, editor.graph) {
      guard let cast = editor.graph.producer(of: output), cast.op is Cast,
        let half = cast.operand(0), editor.graph[half].type.scalarType == type
      else { continue }
      try editor.returnInstead(output, half, reason: "callers get half precision")
    }
  }
}
