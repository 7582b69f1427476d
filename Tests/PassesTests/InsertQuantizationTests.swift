import Graphs
import Passes
import Tensors
import Testing

@Suite struct InsertQuantizationTests {
  /// A convolution, a Concat of its result with the input, and a second one.
  private func network() throws -> Network {
    var net = Network()
    let x = net.input("images", [1, 4, 6, 6])
    let c = try net.convolution(x, 4, to: 4, named: "first")
    let a = try net.add(SiLU(), c, named: "act")
    let joined = try net.add(Concat(axis: 1), a, x, named: "join")
    let last = try net.convolution(joined, 8, to: 4, named: "second")
    net.graph.markOutput(try net.add(Add(), last, a, named: "sum"), named: "output0")
    return net
  }

  private func pass(_ scheme: QuantizationScheme, kept: [String] = []) -> InsertQuantization {
    InsertQuantization(
      ranges: [
        "images": QuantizationRange(lower: -1, upper: 1),
        "act": QuantizationRange(lower: -0.28, upper: 2),
        "join": QuantizationRange(lower: -1, upper: 2),
      ],
      scheme: scheme,
      keptModules: kept
    )
  }

  @Test(arguments: QuantizationScheme.allCases)
  func operandsOfConvolutionsAndWhatMovesThemShareAScale(_ scheme: QuantizationScheme) throws {
    let net = try network()
    // The first one's result may become bytes, too; the second one's is summed up.
    #expect(InsertQuantization.observedValues(net.graph) == ["images", "first", "act", "join"])
    #expect(InsertQuantization.convolutions(net.graph).map(\.name) == ["first", "second"])
    let outcome = try PassManager([pass(scheme)]).run(on: net.graph)
    expectGolden("\(net.graph)->\n\(outcome.graph)", "insert-quantization-\(scheme.rawValue)")
    let scales = try outcome.graph.constants.filter { $0.name.hasSuffix(".scale") }
      .map { try #require(try $0.constant?.floats().first) }
    #expect(scales.count == 3 && Set(scales).count == 1)
    #expect(scales[0] == (scheme == .symmetric ? Float(2) / 127 : Float(3) / 255))
    #expect(try PassManager([pass(scheme)]).run(on: outcome.graph).records.isEmpty)
  }

  /// With ranges that hold every element, the result differs by what 8 bits leave out, and no more.
  @Test(arguments: QuantizationScheme.allCases)
  func theNumbersAreThoseOfEightBits(_ scheme: QuantizationScheme) throws {
    let net = try network()
    let images = try numbers([1, 4, 6, 6])
    var pass = pass(scheme)
    for name in ["images", "act", "join"] { pass.ranges[name] = nil }
    _ = try net.graph.evaluate(inputs: ["images": images]) { value, tensor in
      pass.ranges[value.name] = try Self.range(tensor)
    }
    pass.ranges["images"] = try Self.range(images)
    let outcome = try PassManager([pass]).run(on: net.graph)
    let expected = try #require(net.graph.evaluated(["images": images])["output0"]).floats()
    let actual = try #require(outcome.graph.evaluated(["images": images])["output0"]).floats()
    let largest = expected.reduce(0) { max($0, abs($1)) }
    let worst = zip(actual, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(worst > 0 && worst < 0.05 * largest)
  }

  private static func range(_ tensor: Tensor) throws -> QuantizationRange {
    let values = try tensor.floats()
    return QuantizationRange(lower: values.min() ?? 0, upper: values.max() ?? 0)
  }

  @Test func keptModulesAndUnknownValuesStay() throws {
    let net = try network()
    let kept = try PassManager([pass(.symmetric, kept: ["model.second"])]).run(on: net.graph)
    let names = kept.graph.nodes.map(\.name)
    #expect(names.contains("images.quantized") && !names.contains("join.quantized"))
    var half = pass(.symmetric)
    half.ranges["act"] = nil
    // What shares a scale with a value that nobody observed stays, too: here, everything.
    #expect(try PassManager([half]).run(on: net.graph).records.isEmpty)
  }

  /// What is kept reads numbers, also where another convolution reads the same value as bytes.
  @Test func keptConvolutionsReadWhatTheyRead() throws {
    var net = Network()
    let x = net.input("images", [1, 4, 6, 6])
    for name in ["left", "right"] {
      net.graph.markOutput(try net.convolution(x, 4, to: 4, named: name), named: name + ".out")
    }
    var pass = InsertQuantization(ranges: ["images": QuantizationRange(lower: -1, upper: 1)])
    pass.keptNodes = ["left"]
    let graph = try PassManager([pass]).run(on: net.graph).graph
    let inputs = graph.nodes.filter { $0.op is Conv }.map { graph[$0.inputs[0] ?? x].name }
    #expect(inputs == ["images", "images.dequantized"])
    #expect(try PassManager([pass]).run(on: graph).records.isEmpty)
    let images = try numbers([1, 4, 6, 6])
    let (before, after) = (
      try net.graph.evaluated(["images": images]), try graph.evaluated(["images": images])
    )
    #expect(before["left.out"] == after["left.out"] && before["right.out"] != after["right.out"])
  }

  /// An operand that is its mean everywhere gives the float result, where no border is near.
  @Test(arguments: [1, 2])
  func biasesTakeBackWhatWeightsLose(_ groups: Int) throws {
    var net = Network()
    let x = net.input("images", [1, 4, 6, 6])
    let c = try net.convolution(x, 4, to: 6, groups: groups, named: "conv")
    net.graph.markOutput(c, named: "output0")
    // Bytes hold these exactly.
    let means = [0.25, -0.5, 1, 0.125] as [Float]
    let images = try Tensor(
      means.flatMap { [Float](repeating: $0, count: 36) },
      shape: [1, 4, 6, 6]
    )
    var pass = InsertQuantization(
      ranges: ["images": QuantizationRange(lower: -127 / 64, upper: 127 / 64)]
    )
    let expected = try #require(net.graph.evaluated(["images": images])["output0"]).floats()
    func worst() throws -> Float {
      let graph = try PassManager([pass]).run(on: net.graph).graph
      let actual = try #require(graph.evaluated(["images": images])["output0"]).floats()
      let inner = (0..<216).filter { (1...4).contains($0 % 6) && (1...4).contains($0 / 6 % 6) }
      return inner.map { abs(actual[$0] - expected[$0]) }.max() ?? 0
    }
    let without = try worst()
    pass.means = ["images": means]
    #expect(try worst() < 2e-6 && without > 1e-3)
    // Means of another network change nothing.
    pass.means = ["images": [1, 2]]
    #expect(try worst() == without)
  }

  @Test func resultsBecomeBytesWhereThatIsWanted() throws {
    let net = try network()
    var pass = pass(.asymmetric)
    pass.quantizesResults = true
    pass.ranges["first"] = QuantizationRange(lower: -3, upper: 3)
    let graph = try PassManager([pass]).run(on: net.graph).graph
    let names = graph.nodes.map(\.name)
    #expect(names.contains("first.dequantized"))
    let activation = try #require(graph.nodes.first { $0.op is SiLU })
    #expect(activation.inputs[0].map { graph[$0].name } == "first.dequantized")
    #expect(try PassManager([pass]).run(on: graph).records.isEmpty)
  }

  @Test func everythingCanGoBackToFloat() throws {
    let net = try network()
    let quantized = try PassManager([pass(.symmetric)]).run(on: net.graph).graph
    #expect(RestoreFloat.quantizedConvolutions(quantized).map(\.name) == ["first", "second"])
    let images = try numbers([1, 4, 6, 6])
    var weights: [String: Tensor] = [:]
    for node in net.graph.nodes where node.op is Conv {
      weights[node.name] = node.inputs[1].flatMap { net.graph[$0].constant }
    }
    let all = RestoreFloat(nodes: ["first", "second"], weights: weights)
    let float = try PassManager([all]).run(on: quantized).graph
    #expect(!float.nodes.contains { $0.op is QuantizeLinear || $0.op is DequantizeLinear })
    #expect(
      try float.evaluated(["images": images])["output0"]
        == net.graph.evaluated(["images": images])["output0"]
    )
    #expect(try PassManager([all]).run(on: float).records.isEmpty)
    // The first alone: what the second reads stays bytes, with all that is moved to there.
    let first = try PassManager([RestoreFloat(nodes: ["first"])]).run(on: quantized).graph
    #expect(RestoreFloat.quantizedConvolutions(first).map(\.name) == ["second"])
    #expect(first.nodes.contains { $0.name == "act.quantized" })
    // The second alone: then nobody reads those as bytes.
    let second = try PassManager([RestoreFloat(nodes: ["second"])]).run(on: quantized).graph
    #expect(RestoreFloat.quantizedConvolutions(second).map(\.name) == ["first"])
    #expect(!second.nodes.contains { $0.name == "act.quantized" || $0.name == "join.quantized" })
  }

  @Test func zeroIsRepresentedExactly() {
    for (lower, upper) in [(-0.28, 5), (0, 1), (-3, 0), (0.5, 2), (-2, -1), (0, 0)]
      as [(Float, Float)]
    {
      let range = QuantizationRange(lower: lower, upper: upper)
      let (scale, zero) = QuantizationScheme.asymmetric.parameters(range)
      #expect(scale > 0 && (0...255).contains(zero))
      #expect(Float(255 - zero) * scale >= max(upper, 0) * 0.995)
      #expect(Float(zero) * scale >= -min(lower, 0) * 0.995)
      #expect(QuantizationScheme.symmetric.parameters(range).zero == 0)
    }
  }
}
