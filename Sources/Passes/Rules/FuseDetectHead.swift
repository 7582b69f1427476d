public import Graphs
import Tensors

/// The arithmetic between a detection head's convolution and its boxes becomes one operator.
///
///     c = Conv(x, w, b)                               →   c = Conv(x, w, b)
///     … Reshape, Transpose, Sigmoid, Split, Mul, …        y = DetectDecode(c)
///
/// Exporters spell this arithmetic in many ways, so nothing of it is matched by name. What is
/// looked for is a value `[N, A · H · W, F]` that depends on one convolution's result
/// `[N, A · F, H, W]` alone. Strides and anchors are read off its values for logits of zero, and the
/// rule refuses unless ``DetectDecode`` then agrees at every cell and field for random logits, small
/// ones and large ones.
public struct FuseDetectHead: RewriteRule {
  /// The rule's name.
  public let name = "fuse-detect-head"
  /// Creates the rule.
  public init() {}

  /// The decoding, where `node` reads one head's boxes, or writes them as an output.
  public func rewrite(_ node: Node, in graph: Graph) throws -> Patch? {
    var candidates = node.outputs.filter { graph.outputs.contains($0) }
    if node.op is Concat { candidates += node.inputs.compactMap { $0 } }
    for value in candidates {
      guard let region = HeadRegion(endingAt: value, in: graph),
        let decode = try region.decoding()
      else { continue }
      var patch = Patch(
        "\(graph[value].name) is what YOLOv5's decoding makes of \(graph[region.logits].name): "
          + "strides \(decode.strides), anchors \(decode.anchors), found equal at every cell"
      )
      let name = region.nodes[region.nodes.count - 1].name
      let result = patch.node(
        decode,
        [.existing(region.logits)],
        name: name,
        standingFor: region.nodes
      )
      patch.replace(value, with: result)
      for node in region.removable { patch.remove(node) }
      return patch
    }
    return nil
  }
}

/// The nodes between a head's logits and its boxes.
private struct HeadRegion {
  let graph: Graph
  let logits: ValueID
  let boxes: ValueID
  /// In graph order.
  let nodes: [Node]
  let logitShape: Shape
  let boxShape: Shape

  private static let largest = 64

  init?(endingAt boxes: ValueID, in graph: Graph) {
    let type = graph[boxes].type
    guard type.rank == 3, type.scalarType == .float32, let boxShape = type.shape,
      !(graph.producer(of: boxes)?.op is DetectDecode)
    else { return nil }
    var sources: Set<ValueID> = []
    var found: Set<NodeID> = []
    var pending = [boxes]
    while let value = pending.popLast() {
      guard graph[value].constant == nil else { continue }
      guard let producer = graph.producer(of: value) else { return nil }
      if Self.isSource(producer) {
        sources.insert(value)
      } else if found.insert(producer.id).inserted {
        guard found.count <= Self.largest else { return nil }
        pending += producer.inputs.compactMap { $0 }
      }
    }
    guard sources.count == 1, let logits = sources.first, !found.isEmpty,
      let logitShape = graph[logits].type.shape, logitShape.rank == 4
    else { return nil }
    let (cells, fields) = (logitShape[2] * logitShape[3], boxShape[2])
    guard cells > 0, fields >= 5, boxShape[0] == logitShape[0],
      boxShape[1] % cells == 0, logitShape[1] == boxShape[1] / cells * fields
    else { return nil }
    self.graph = graph
    self.logits = logits
    self.boxes = boxes
    self.logitShape = logitShape
    self.boxShape = boxShape
    nodes = graph.nodes.filter { found.contains($0.id) }
  }

  private static func isSource(_ node: Node) -> Bool {
    node.op is Conv || node.op is FusedConvolution || node.op is DequantizeLinear
  }

  /// The nodes that nothing outside the region reads.
  var removable: [Node] {
    var removed: Set<NodeID> = []
    for node in nodes.reversed() {
      let isRead = node.outputs.contains { output in
        guard output != boxes else { return false }
        return graph.outputs.contains(output)
          || graph.consumers(of: output).contains { !removed.contains($0.id) }
      }
      if !isRead { removed.insert(node.id) }
    }
    return nodes.filter { removed.contains($0.id) }
  }

  /// The decoding that the region computes, or nil where it computes something else.
  func decoding() throws -> DetectDecode? {
    let zero = try evaluate([Float](repeating: 0, count: logitShape.count))
    let cells = logitShape[2] * logitShape[3]
    let (anchorCount, fields) = (boxShape[1] / cells, boxShape[2])
    var anchors: [Float] = []
    for anchor in 0..<anchorCount {
      let row = anchor * cells * fields
      anchors += [zero[row + 2], zero[row + 3]]
    }
    let rest = zero[4..<fields]
    let sigmoidFields = rest.firstIndex { $0 != 0.5 } ?? fields
    guard sigmoidFields >= 5 else { return nil }
    let decode = DetectDecode(
      strides: [2 * zero[0], 2 * zero[1]],
      anchors: anchors,
      sigmoidFields: sigmoidFields
    )
    var generator = Splitmix(state: 1)
    let samples = (0..<logitShape.count).map { _ in generator.next() * 16 - 8 }
    // Far from zero, bounds show that a clipped value has.
    for factor in [1, 64] as [Float] {
      let logits = samples.map { $0 * factor }
      let actual = try decode.evaluate([logitTensor(logits)])[0].floats()
      let expected = try evaluate(logits)
      let agrees = zip(actual, expected).allSatisfy {
        Tolerance.rounding.accepts(Double($0), Double($1))
      }
      guard actual.count == expected.count, agrees else { return nil }
    }
    return decode
  }

  private func logitTensor(_ logits: [Float]) throws -> Tensor {
    try Tensor(logits, shape: logitShape).converted(to: graph[self.logits].type.scalarType)
  }

  private func evaluate(_ values: [Float]) throws -> [Float] {
    var part = Graph(name: "head")
    var copies = [logits: part.addInput("logits", graph[logits].type)]
    for node in nodes {
      let operands = node.inputs.map { id -> ValueID? in
        guard let id else { return nil }
        if let copy = copies[id] { return copy }
        guard let constant = graph[id].constant else { return nil }
        let copy = part.addConstant(graph[id].name, constant)
        copies[id] = copy
        return copy
      }
      let results = try part.add(node.op, operands, name: node.name)
      for (old, new) in zip(node.outputs, results) { copies[old] = new }
    }
    guard let end = copies[boxes] else { return [] }
    part.markOutput(end, named: "boxes")
    let result = try part.evaluate(inputs: ["logits": logitTensor(values)])["boxes"]
    return try result?.floats() ?? []
  }
}

/// Reproducible numbers in [0, 1). Source: Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators", 2014.
private struct Splitmix {
  var state: UInt64

  mutating func next() -> Float {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float((z ^ (z >> 31)) >> 40) / Float(1 << 24)
  }
}
