public import Graphs
import Tensors

/// Puts 8-bit precision into the graph, where every engine can read it.
///
///     c = Conv(x, w, b)      →   x' = DequantizeLinear(QuantizeLinear(x))
///                                w' = DequantizeLinear(w in bytes, one scale for each channel)
///                                c  = Conv(x', w', b)
///
/// Quantised are the operands of convolutions, and whatever only moves such numbers: operands and
/// results of Concat, MaxPool and nearest Resize, which share one scale, so that bytes can be moved
/// as they are. A convolution's result is not quantised before its activation or the sum after it:
/// those are fused with it. Biases stay numbers, and so does everything after a head's convolution.
/// A second run changes nothing.
public struct InsertQuantization: Pass {
  /// The pass's name.
  public let name = "insert-quantization"
  /// The range of each value, by name.
  public var ranges: [String: QuantizationRange]
  /// How numbers become bytes.
  public var scheme: QuantizationScheme
  /// Module paths whose convolutions stay as they are: `model.24` stands for everything below it.
  public var keptModules: [String]

  /// Creates the pass.
  public init(
    ranges: [String: QuantizationRange],
    scheme: QuantizationScheme = .symmetric,
    keptModules: [String] = []
  ) {
    self.ranges = ranges
    self.scheme = scheme
    self.keptModules = keptModules
  }

  /// The values that need a range, by name: what calibration has to observe.
  public static func observedValues(_ graph: Graph, keptModules: [String] = []) -> [String] {
    let places = QuantizedPlaces(graph, keptModules: keptModules)
    return places.values.map { graph[$0].name }
  }

  /// Quantises values, then weights.
  public func run(on editor: inout GraphEditor) throws {
    let places = QuantizedPlaces(editor.graph, keptModules: keptModules)
    var chosen: [ValueID: QuantizationRange] = [:]
    for group in places.groups {
      let known = group.compactMap { ranges[editor.graph[$0].name] }
      // A value that nobody observed, and whatever shares its scale, stays as it is.
      guard known.count == group.count, let first = known.first else { continue }
      let range = known.dropFirst().reduce(first) { $0.union($1) }
      for value in group { chosen[value] = range }
    }
    for value in places.values {
      guard let range = chosen[value] else { continue }
      guard try editor.apply(quantized(value, range, in: editor.graph)) != nil else { return }
    }
    for id in places.convolutions {
      guard let node = editor.graph[id], let input = node.inputs[0],
        editor.graph.producer(of: input)?.op is DequantizeLinear,
        let patch = try quantizedWeights(node, in: editor.graph)
      else { continue }
      guard try editor.apply(patch) != nil else { return }
    }
  }

  /// The value as bytes and back, for every reader.
  private func quantized(_ value: ValueID, _ range: QuantizationRange, in graph: Graph) -> Patch {
    let (scale, zero) = scheme.parameters(range)
    let name = graph[value].name
    let producer = graph.producer(of: value).map { [$0] } ?? []
    var patch = Patch(
      "\(name) as bytes: range \(range.lower) … \(range.upper), scale \(scale), zero \(zero)"
    )
    let scaleValue = patch.constant(name + ".scale", Tensor(scalar: scale))
    let zeroValue = patch.constant(
      name + ".zero",
      scheme == .symmetric ? Tensor(scalar: Int8(zero)) : Tensor(scalar: UInt8(zero))
    )
    let bytes = patch.node(
      QuantizeLinear(outputType: scheme == .symmetric ? .int8 : .uint8),
      [.existing(value), scaleValue, zeroValue],
      name: name + ".quantized",
      standingFor: producer
    )
    let numbers = patch.node(
      DequantizeLinear(),
      [bytes, scaleValue, zeroValue],
      name: name + ".dequantized",
      standingFor: producer
    )
    patch.replace(value, with: numbers)
    return patch
  }

  /// The convolution with weights in signed bytes, one scale for each output channel.
  private func quantizedWeights(_ node: Node, in graph: Graph) throws -> Patch? {
    guard let weightID = node.inputs[1], let weights = graph[weightID].constant,
      weights.scalarType == .float32
    else { return nil }
    let values = try weights.floats()
    let outputs = weights.shape[0]
    let depth = values.count / max(1, outputs)
    var scales: [Float] = []
    var bytes = [Int8](repeating: 0, count: values.count)
    for output in 0..<outputs {
      let row = values[(output * depth)..<((output + 1) * depth)]
      let largest = row.reduce(Float(0)) { max($0, abs($1)) }
      let scale = largest > .leastNormalMagnitude * 127 ? largest / 127 : 1
      scales.append(scale)
      for index in row.indices {
        bytes[index] = Int8(min(max((values[index] / scale).rounded(.toNearestOrEven), -127), 127))
      }
    }
    let name = graph[weightID].name
    var patch = Patch("\(name) as bytes, one scale for each of \(outputs) channels")
    let stored = patch.constant(name + ".bytes", try Tensor(bytes, shape: weights.shape))
    let scaleValue = patch.constant(name + ".scales", try Tensor(scales, shape: [outputs]))
    let zeros = patch.constant(
      name + ".zeros",
      try Tensor([Int8](repeating: 0, count: outputs), shape: [outputs])
    )
    let numbers = patch.node(
      DequantizeLinear(axis: 0),
      [stored, scaleValue, zeros],
      name: name + ".dequantized",
      standingFor: [node]
    )
    var inputs: [Patch.Value?] = node.inputs.map { $0.map { .existing($0) } }
    inputs[1] = numbers
    let result = patch.node(node.op, inputs, name: node.name, standingFor: [node])
    patch.replace(node.outputs[0], with: result)
    patch.remove(node)
    return patch
  }
}

/// What is quantised: the operands of convolutions, and what only moves them.
private struct QuantizedPlaces {
  /// The convolutions whose weights become bytes, in graph order.
  let convolutions: [NodeID]
  /// The values that become bytes, in graph order.
  let values: [ValueID]
  /// The same values, those together that share a scale.
  let groups: [[ValueID]]

  init(_ graph: Graph, keptModules: [String]) {
    let nodes = graph.nodes
    let isKept = { (node: Node) in
      node.provenance.modules.contains { module in
        keptModules.contains { module == $0 || module.hasPrefix($0 + ".") }
      }
    }
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
  }

  /// Floats that are not bytes already.
  private static func isNumber(_ value: ValueID, _ graph: Graph) -> Bool {
    graph[value].type.scalarType == .float32 && graph[value].type.rank == 4
      && !(graph.producer(of: value)?.op is DequantizeLinear)
  }

  private static func moves(_ node: Node) -> Bool {
    if let resize = node.op as? Resize { return resize.mode == .nearest }
    return node.op is Concat || node.op is MaxPool
  }

  private static func moved(_ node: Node) -> [ValueID] {
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
