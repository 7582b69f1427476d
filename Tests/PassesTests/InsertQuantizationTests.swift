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
    #expect(InsertQuantization.observedValues(net.graph) == ["images", "act", "join"])
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
