import Backends
import BackendsNative
import Graphs
import Tensors
import Testing

/// Networks of QuantizeLinear and DequantizeLinear, as quantisers write them.
///
/// The rule: an engine multiplies bytes exactly and rounds once where the graph quantises. The
/// reference computes in floating point, so that a sum beside a rounding border may fall on its
/// other side: every quantised value lies within one step of what the reference makes of the same
/// operands, and all but two of a hundred (SiLU's table is exact to 1e-4) are equal.
@Suite struct QuantizedTests {
  /// Makes networks of quantised values: random layers with a Q/DQ pair after each.
  private struct Builder {
    var net: Network
    var type: ScalarType
    /// Quantised values with the scale and zero that they are stored with.
    var values: [(id: ValueID, scale: Float, zero: Int)] = []

    init(_ seed: Int, _ type: ScalarType) throws {
      net = Network(seed, "quantized\(seed)")
      self.type = type
      let x = net.input(
        "x",
        [.fixed(net.pick([1, 2])), .fixed(net.pick([3, 5, 8, 16])), .fixed(net.number(4...9)), 7]
      )
      try quantize(x)
    }

    mutating func pair(_ x: ValueID, _ scale: Float, _ zero: Int) throws -> ValueID {
      let step = net.constant(try Tensor([scale], shape: []))
      let origin = net.constant(
        type == .int8 ? Tensor(scalar: Int8(zero - 128)) : Tensor(scalar: UInt8(zero))
      )
      let bytes = try net.add(QuantizeLinear(outputType: type), x, step, origin)
      return try net.add(DequantizeLinear(), bytes, step, origin)
    }

    mutating func quantize(_ x: ValueID, like other: Int? = nil) throws {
      // No quotient of two of them is a simple fraction: sums would often lie on a border.
      let scale = other.map { values[$0].scale } ?? net.pick([0.0213, 0.0317, 0.0471])
      let zero = other.map { values[$0].zero } ?? net.pick([0, 100, 128, 131])
      values.append((try pair(x, scale, zero), scale, zero))
    }

    mutating func any() -> Int {
      net.chance(60) ? values.count - 1 : net.number(0...values.count - 1)
    }

    mutating func step() throws {
      let index = any()
      let x = values[index].id
      let shape = net.shape(x)
      // The same scale as its operand, or another one.
      let like = net.chance(50) ? index : nil
      switch net.number(0...9) {
      case 0...3: try convolution(x)
      case 4: try convolution(x, depthwise: true)
      case 5:
        let fitting = values.indices.filter {
          net.shape(values[$0].id).dimensions[2...] == shape.dimensions[2...]
        }
        let joined = try net.addAll(Concat(axis: 1), [x, values[net.pick(fitting)].id])[0]
        guard net.shape(joined)[1] < 64 else { return }
        try quantize(joined, like: like)
      case 6:
        let op = MaxPool(kernelShape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1])
        try quantize(try net.add(op, x), like: like)
      case 7:
        guard shape[2] * shape[3] < 150 else { return }
        let scales = net.constant(try Tensor([1, 1, 2, 2] as [Float], shape: [4]))
        let op = Resize(coordinateTransformation: .asymmetric, nearestMode: .floor)
        try quantize(try net.add(op, x, nil, scales), like: like)
      case 8:
        let fitting = values.indices.filter { net.shape(values[$0].id) == shape }
        try quantize(try net.add(Add(), x, values[net.pick(fitting)].id), like: like)
      default:
        guard shape[1] > 1 else { return }
        let first = net.number(1...shape[1] - 1)
        let sizes = try net.list([first, shape[1] - first])
        let parts = try net.addAll(Split(axis: 1, outputCount: 2), [x, sizes])
        for part in parts { values.append((part, values[index].scale, values[index].zero)) }
      }
    }

    mutating func convolution(_ x: ValueID, depthwise: Bool = false) throws {
      let channels = net.shape(x)[1]
      let filters = depthwise ? channels : net.number(1...40)
      let depth = depthwise ? 1 : channels
      let size = net.pick([1, 3, 3])
      let perChannel = net.chance(70)
      let fan = Float(depth * size * size).squareRoot()
      let bytes = (0..<filters * depth * size * size).map { _ in Int8(net.number(-127...127)) }
      let scales = (0..<(perChannel ? filters : 1)).map { _ in
        Float(net.number(5...15)) / 1000 / fan
      }
      let scale = net.constant(try Tensor(scales, shape: perChannel ? [filters] : []))
      let zeros = [Int8](repeating: 0, count: scales.count)
      let weights = try net.add(
        DequantizeLinear(axis: 0),
        net.constant(try Tensor(bytes, shape: [filters, depth, size, size])),
        scale,
        net.chance(50) ? net.constant(try Tensor(zeros, shape: perChannel ? [filters] : [])) : nil
      )
      let bias = net.chance(70) ? net.constant(try net.tensor([filters], 0.3)) : nil
      let stride = net.shape(x)[2] > 3 ? net.number(1...2) : 1
      let op = Conv(
        kernelShape: [size, size],
        strides: [stride, stride],
        pads: [Int](repeating: size / 2, count: 4),
        groups: depthwise ? channels : 1
      )
      var result = try net.add(op, x, weights, bias)
      if net.chance(50) { result = try net.add(SiLU(), result) }
      if net.chance(30),
        let partner = values.first(where: { net.shape($0.id) == net.shape(result) })
      {
        result = try net.add(Add(), result, partner.id)
      }
      try quantize(result)
    }
  }

  @Test(arguments: seeds(400_001, 60), [ScalarType.uint8, .int8])
  func equalsTheReferenceWithinAStep(_ seed: Int, _ type: ScalarType) async throws {
    var builder = try Builder(seed, type)
    for _ in 0..<builder.net.number(2...8) { try builder.step() }
    var scales: [ValueID: Float] = [:]
    for value in builder.values { scales[value.id] = value.scale }
    // One or two only, as what is an output is not fused as others are.
    let marked = builder.values.suffix(builder.net.number(1...2)).map(\.id)
    let inputs = ["x": try builder.net.tensor(builder.net.shape(builder.net.graph.inputs[0]), 2)]
    var all = builder.net.graph
    for id in scales.keys.sorted(by: { $0.rawValue < $1.rawValue }) { all.markOutput(id) }
    let every = try await native(all, inputs)
    try compare(all, inputs, every, scales, seed)
    var graph = builder.net.graph
    for id in marked where !graph.outputs.contains(id) { graph.markOutput(id) }
    let one = try await native(graph, inputs)
    for (name, tensor) in one { #expect(try sameBits(["": tensor], ["": #require(every[name])])) }
    for threads in [2, 3] {
      let more = try await native(graph, inputs, configuration(threads: threads))
      #expect(try sameBits(one, more), "seed \(seed), \(threads) threads")
    }
    // From bytes to bytes the result is defined bit by bit, whatever computes it.
    let portable = try await native(graph, inputs, configuration(without: "vector-kernels"))
    #expect(try sameBits(one, portable), "seed \(seed), portable\n\(graph)")
    let exact = try await native(all, inputs, configuration(without: "integer-silu"))
    try compare(all, inputs, exact, scales, seed)
    for disabled in ["share-memory", "views"] {
      let slow = try await native(graph, inputs, configuration(without: disabled))
      #expect(try sameBits(one, slow), "seed \(seed) without \(disabled)")
    }
  }

  /// Each quantised value is compared with what the engine's own operands give: deviations must
  /// not add up.
  private func compare(
    _ graph: Graph,
    _ inputs: [String: Tensor],
    _ results: [String: Tensor],
    _ scales: [ValueID: Float],
    _ seed: Int
  ) throws {
    var values: [ValueID: Tensor] = [:]
    for id in graph.inputs { values[id] = inputs[graph[id].name] }
    for node in graph.nodes {
      let operands = node.inputs.map { id in id.flatMap { values[$0] ?? graph[$0].constant } }
      for (id, wanted) in zip(node.outputs, try node.op.evaluate(operands)) {
        values[id] = wanted
        guard let scale = scales[id], let found = results[graph[id].name] else { continue }
        values[id] = found
        let steps = zip(try found.floats(), try wanted.floats()).map { abs($0 - $1) / scale }
        let worst = steps.max() ?? 0
        #expect(worst < 1.01, "seed \(seed), \(graph[id].name): \(worst) steps\n\(graph)")
        let different = steps.count { $0 > 0.01 }
        let allowed = max(2, steps.count / 50)
        #expect(
          different <= allowed,
          "seed \(seed), \(graph[id].name): \(different) of \(steps.count)\n\(graph)"
        )
      }
    }
  }
}
