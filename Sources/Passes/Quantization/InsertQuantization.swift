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
/// A convolution that is kept reads what it read before, also where others read bytes. A second run
/// changes nothing.
///
/// Weights of 8 bits shift a convolution's results a little on average. Where the mean of each of its
/// operand's channels is known, its bias takes that back:
///
///     b' = b + Σ (w - w') · mean(x)    over the channels and taps of one output channel
///
/// Source: Nagel et al., "Data-free quantization through weight equalization and bias correction",
/// ICCV 2019, §4.2. (Their equalisation needs activations that scale with their operand; SiLU does
/// not.)
public struct InsertQuantization: Pass {
  /// The pass's name.
  public let name = "insert-quantization"
  /// The range of each value, by name.
  public var ranges: [String: QuantizationRange]
  /// How numbers become bytes.
  public var scheme: QuantizationScheme
  /// Module paths whose convolutions stay as they are: `model.24` stands for everything below it.
  public var keptModules: [String]
  /// Names of convolutions that stay as they are.
  public var keptNodes: Set<String> = []
  /// The mean of each channel of values, by name; biases are corrected where it is known.
  public var means: [String: [Float]] = [:]
  /// Whether the result of each convolution becomes bytes before its activation, too: what ONNX
  /// Runtime needs to multiply bytes; a head's last convolutions stay in float then. It costs accuracy,
  /// and other engines do not need it.
  public var quantizesResults = false

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

  /// The values that may need a range, by name: what calibration has to observe.
  public static func observedValues(_ graph: Graph) -> [String] {
    let places = QuantizedPlaces(graph) { _ in false }
    let observed = Set(places.values + places.results)
    let all = graph.inputs + graph.nodes.flatMap(\.outputs)
    return all.filter(observed.contains).map { graph[$0].name }
  }

  /// The values that share a range, by name: what is moved as bytes.
  public static func groups(_ graph: Graph) -> [[String]] {
    QuantizedPlaces(graph) { _ in false }.groups.map { $0.map { graph[$0].name } }
  }

  /// The convolutions that would be quantised, in graph order.
  public static func convolutions(_ graph: Graph) -> [Node] {
    QuantizedPlaces(graph) { _ in false }.convolutions.compactMap { graph[$0] }
  }

  /// Quantises values, then weights.
  public func run(on editor: inout GraphEditor) throws {
    let open = quantizesResults ? convolutionsWithOpenResults(editor.graph) : []
    let isKept = { (node: Node) in self.isKept(node) || open.contains(node.id) }
    let places = QuantizedPlaces(editor.graph, isKept: isKept)
    var chosen: [ValueID: QuantizationRange] = [:]
    for group in places.groups {
      let known = group.compactMap { ranges[editor.graph[$0].name] }
      // A value that nobody observed, and whatever shares its scale, stays as it is.
      guard known.count == group.count, let first = known.first else { continue }
      let range = known.dropFirst().reduce(first) { $0.union($1) }
      for value in group { chosen[value] = range }
    }
    if quantizesResults {
      for value in places.results where chosen[value] == nil {
        chosen[value] = ranges[editor.graph[value].name]
      }
    }
    var originals: [ValueID: ValueID] = [:]
    for value in places.values + (quantizesResults ? places.results : []) {
      guard let range = chosen[value] else { continue }
      guard let change = try editor.apply(quantized(value, range, in: editor.graph)) else { return }
      for node in change.added.compactMap({ editor.graph[$0] }) where node.op is DequantizeLinear {
        originals[node.outputs[0]] = value
      }
    }
    for id in places.convolutions {
      guard let node = editor.graph[id], let input = node.inputs[0],
        editor.graph.producer(of: input)?.op is DequantizeLinear,
        let patch = try quantizedWeights(node, in: editor.graph)
      else { continue }
      guard try editor.apply(patch) != nil else { return }
    }
    for node in editor.graph.nodes where isKept(node) {
      guard node.op is Conv, let input = node.inputs[0], let original = originals[input] else {
        continue
      }
      guard try editor.apply(reading(original, node)) != nil else { return }
    }
  }

  /// The convolutions whose results are not made bytes: a head's last ones.
  private func convolutionsWithOpenResults(_ graph: Graph) -> Set<NodeID> {
    let places = QuantizedPlaces(graph, isKept: isKept)
    let bytes = Set(places.results + places.values)
    return Set(
      places.convolutions.filter { id in
        !(graph[id]?.outputs.contains(where: bytes.contains) ?? true)
      }
    )
  }

  private func isKept(_ node: Node) -> Bool {
    keptNodes.contains(node.name)
      || node.provenance.modules.contains { module in
        keptModules.contains { module == $0 || module.hasPrefix($0 + ".") }
      }
  }

  /// The convolution with another operand.
  private func reading(_ value: ValueID, _ node: Node) -> Patch {
    var patch = Patch("\(node.name) is kept: it reads what nobody made bytes of")
    var inputs: [Patch.Value?] = node.inputs.map { $0.map { .existing($0) } }
    inputs[0] = .existing(value)
    let result = patch.node(node.op, inputs, name: node.name, standingFor: [node])
    patch.replace(node.outputs[0], with: result)
    patch.remove(node)
    return patch
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
    let errors = (0..<outputs).map { output in
      (output * depth..<(output + 1) * depth).map { values[$0] - Float(bytes[$0]) * scales[output] }
    }
    if let bias = try correctedBias(node, errors, in: graph) {
      while inputs.count < 3 { inputs.append(nil) }
      inputs[2] = patch.constant(name + ".bias", try Tensor(bias, shape: [outputs]))
    }
    let result = patch.node(node.op, inputs, name: node.name, standingFor: [node])
    patch.replace(node.outputs[0], with: result)
    patch.remove(node)
    return patch
  }

  /// The bias that takes back what the weights' errors do on average; nil where that is not known.
  private func correctedBias(_ node: Node, _ errors: [[Float]], in graph: Graph) throws -> [Float]?
  {
    guard let op = node.op as? Conv, let pair = node.inputs[0].flatMap({ graph.producer(of: $0) }),
      let bytes = pair.inputs[0].flatMap({ graph.producer(of: $0) }), let value = bytes.inputs[0],
      let means = means[graph[value].name]
    else { return nil }
    var bias = [Float](repeating: 0, count: errors.count)
    if let id = node.operand(2) {
      guard let stored = graph[id].constant else { return nil }
      bias = try stored.floats()
    }
    let groupSize = node.inputs[1].flatMap { graph[$0].type.shape }.map { $0[1] } ?? 0
    let taps = (errors.first?.count ?? 0) / max(1, groupSize)
    guard groupSize * op.groups == means.count, bias.count == errors.count else { return nil }
    let outputsPerGroup = max(1, errors.count / max(1, op.groups))
    for (output, row) in errors.enumerated() {
      let first = output / outputsPerGroup * groupSize
      guard first + groupSize <= means.count, row.count == groupSize * taps else { return nil }
      var shift = 0.0
      for (index, error) in row.enumerated() {
        shift += Double(error) * Double(means[first + index / taps])
      }
      bias[output] += Float(shift)
    }
    return bias
  }
}
