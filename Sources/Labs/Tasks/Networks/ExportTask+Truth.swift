import Diagnostics
import Graphs
import Metrics
import Tensors

extension ExportTask {
  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    let sides = [16, 24, 32]
    var problem = Problem(
      height: sides[random.index(below: 3)],
      width: sides[random.index(below: 3)],
      opset: group == "opsets" ? [12, 13, 14, 17, 18, 20][(index - 1) % 6] : 17,
      isDynamic: group == "dynamic",
      seed: random.next()
    )
    var draw = Drawing(random: random)
    draw.convolution(to: 4 + 4 * random.index(below: 2), stride: 2)
    draw.add("Dropout") { $0.p = 0.1 }
    if group == "branches" || (group != "plain" && random.index(below: 2) == 0) {
      let (side, channels) = (draw.last, draw.channels)
      draw.convolution(to: 8, stride: 2)
      draw.add("Upsample") { $0.factor = 2 }
      draw.add("Concat") { $0.inputs = [$0.inputs[0], side] }
      draw.channels += channels
    }
    if group == "plain" { draw.convolution(to: 8, stride: 2) }
    draw.convolution(to: 8, stride: 1, activation: group == "opsets" ? "Hardswish" : "SiLU")
    if group == "opsets" { draw.add("Mean") { _ in } }
    draw.plainConvolution(to: 6, kernel: 1, stride: 1)
    (problem.layers, problem.weights) = (draw.layers, draw.weights)
    random = draw.random
    return problem
  }

  /// A network that grows.
  private struct Drawing {
    var random: SplitMix
    var layers: [Layer] = []
    var weights: [String: (shape: [Int], numbers: [Float])] = [:]
    var last = "images"
    var channels = 3

    mutating func add(_ type: String, _ change: (inout Layer) -> Void) {
      var layer = Layer(name: "\(type.lowercased())\(layers.count)", type: type, inputs: [last])
      change(&layer)
      layers.append(layer)
      last = layer.name
    }

    mutating func keep(_ part: String, _ shape: [Int], _ low: Double, _ high: Double) {
      let numbers = WeightDraw.numbers(shape.reduce(1, *), low, high, &random)
      weights["\(last).\(part)"] = (shape, numbers)
    }

    mutating func plainConvolution(to count: Int, kernel: Int, stride: Int, groups: Int = 1) {
      let shape = [count, channels / groups, kernel, kernel]
      add("Conv2d") {
        ($0.channels, $0.kernel, $0.stride) = (count, kernel, stride)
        ($0.padding, $0.groups, $0.parts) = (kernel / 2, groups, ["weight", "bias"])
      }
      weights["\(last).weight"] = (shape, WeightDraw.convolution(shape, &random))
      keep("bias", [count], -0.5, 0.5)
      channels = count
    }

    /// Convolution, normalization and activation.
    mutating func convolution(to count: Int, stride: Int, activation: String = "SiLU") {
      let groups = channels % 4 == 0 && random.index(below: 2) == 0 ? 2 : 1
      plainConvolution(to: count, kernel: 3, stride: stride, groups: groups)
      add("BatchNorm2d") {
        ($0.channels, $0.epsilon) = (count, 0.001)
        $0.parts = ["gamma", "beta", "mean", "variance"]
      }
      keep("gamma", [count], 0.1, 0.3)
      keep("beta", [count], -0.5, 0.5)
      keep("mean", [count], -0.2, 0.2)
      // So small that epsilon counts.
      keep("variance", [count], 0.002, 0.02)
      add(activation) { _ in }
    }
  }

  /// The network as a graph of the project's own operators.
  func graph(_ problem: Problem) throws -> Graph {
    var graph = Graph(name: "export")
    let batch: Dimension = problem.isDynamic ? .symbol("batch") : 1
    let dimensions = [batch, 3, .fixed(problem.height), .fixed(problem.width)]
    var values = ["images": graph.addInput("images", TensorType(.float32, dimensions))]
    for layer in problem.layers {
      let sources = layer.inputs.compactMap { values[$0] }
      let parts = try (layer.parts ?? []).compactMap { part in
        try problem.weights["\(layer.name).\(part)"].map { weight in
          graph.addConstant(
            "\(layer.name).\(part)",
            try Tensor(weight.numbers, shape: Shape(weight.shape))
          )
        }
      }
      values[layer.name] = try add(layer, sources, parts, problem.flaws, &graph)
    }
    if let last = problem.layers.last, let value = values[last.name] {
      graph.markOutput(value, named: "output")
    }
    return graph
  }

  private func add(
    _ layer: Layer,
    _ sources: [ValueID],
    _ parts: [ValueID],
    _ flaws: Set<Flaw>,
    _ graph: inout Graph
  ) throws -> ValueID {
    func one(_ op: any Operator, _ inputs: [ValueID?], _ suffix: String = "") throws -> ValueID {
      try graph.add(op, inputs, name: layer.name + suffix)[0]
    }
    switch layer.type {
    case "Conv2d":
      let (kernel, stride) = (layer.kernel ?? 1, layer.stride ?? 1)
      let pad = flaws.contains(.paddingLost) ? 0 : layer.padding ?? 0
      let convolution = Conv(
        kernelShape: [kernel, kernel],
        strides: flaws.contains(.strideLost) ? [1, 1] : [stride, stride],
        pads: [pad, pad, pad, pad],
        groups: layer.groups ?? 1
      )
      return try one(convolution, sources + parts)
    case "BatchNorm2d":
      let epsilon = flaws.contains(.epsilonDefault) ? 1e-5 : layer.epsilon ?? 1e-5
      return try one(BatchNormalization(epsilon: epsilon), sources + parts)
    case "SiLU":
      let gate = try one(Sigmoid(), sources, ".sigmoid")
      return flaws.contains(.siluHalf) ? gate : try one(Mul(), [sources[0], gate])
    case "Hardswish":
      // In parts, which every operator set has.
      let alpha: Float = flaws.contains(.hardDefault) ? 0.2 : 1.0 / 6
      let gate = try one(HardSigmoid(alpha: alpha, beta: 0.5), sources, ".gate")
      return try one(Mul(), [sources[0], gate])
    case "Upsample":
      let factor = Float(layer.factor ?? 2)
      let scales = graph.addConstant(
        "\(layer.name).scales",
        try Tensor([1, 1, factor, factor], shape: [4])
      )
      let isLinear = flaws.contains(.linear)
      return try one(
        Resize(
          mode: isLinear ? .linear : .nearest,
          coordinateTransformation: isLinear ? .halfPixel : .asymmetric,
          nearestMode: .floor
        ),
        [sources[0], nil, scales]
      )
    case "Concat":
      return try one(Concat(axis: 1), flaws.contains(.concatOrder) ? sources.reversed() : sources)
    case "Mean":
      let axes = graph.addConstant("\(layer.name).axes", try Tensor([Int64(2), 3], shape: [2]))
      return try one(ReduceMean(), [sources[0], axes])
    default: return sources[0]
    }
  }
}
