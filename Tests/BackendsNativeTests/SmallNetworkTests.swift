import Backends
import BackendsNative
import Graphs
import Tensors
import Testing

/// Small networks that were wrong once, or are rare among random ones.
@Suite struct SmallNetworkTests {
  private func check(
    _ net: Network,
    _ inputs: [String: Tensor],
    _ agreement: Agreement = Agreement(relative: 1e-4),
    without disabled: String = ""
  ) async throws {
    let expected = try net.graph.evaluate(inputs: inputs)
    for optimization in [BuildConfiguration.OptimizationLevel.none, .all] {
      var setting = configuration(without: disabled)
      setting.optimization = optimization
      let actual = try await native(net.graph, inputs, setting)
      let difference = try agreement.difference(actual, expected)
      #expect(difference == nil, "\(optimization)\n\(net.graph)")
    }
  }

  /// What lies below the first rows of a picture is no padding.
  @Test(arguments: [[2], [3], [2, 3]]) func convolutionsOfTheFirstRows(_ axes: [Int]) async throws {
    var net = Network(1)
    let x = net.input("x", [2, 8, 9, 9])
    let a = try net.add(SiLU(), net.convolution(x, to: 16))
    let lists = try [axes.map { _ in 0 }, axes.map { _ in 5 }, axes].map { try net.list($0) }
    let part = try net.addAll(Slice(), [a] + lists)[0]
    net.graph.markOutput(try net.convolution(part, to: 16), named: "y")
    net.graph.markOutput(try net.convolution(part, to: 16, groups: 16), named: "z")
    try await check(net, ["x": net.tensor([2, 8, 9, 9])])
  }

  @Test func convolutionsOfViewsOfViews() async throws {
    var net = Network(2)
    let x = net.input("x", [1, 8, 9, 9])
    let a = try net.add(SiLU(), net.convolution(x, to: 16))
    let lists = try [[1], [8], [2], [2]].map { try net.list($0) }
    let rows = try net.addAll(Slice(), [a] + lists)[0]
    let parts = try net.addAll(Split(axis: 1, outputCount: 2), [rows])
    net.graph.markOutput(try net.convolution(parts[1], to: 5), named: "y")
    try await check(net, ["x": net.tensor([1, 8, 9, 9])])
  }

  /// By 2.3 and by 2 three elements become six, but not the same six.
  @Test(arguments: [(3, 2.3), (2, 1.4), (3, 2.0), (5, 1.0)] as [(Int, Float)])
  func resizingByFractions(_ extent: Int, _ scale: Float) async throws {
    var net = Network(3)
    let x = net.input("x", [1, 8, .fixed(extent), .fixed(extent)])
    let a = try net.convolution(x, to: 8)
    for (index, form) in [
      Resize(coordinateTransformation: .asymmetric, nearestMode: .floor),
      Resize(coordinateTransformation: .halfPixel, nearestMode: .roundPreferFloor),
      Resize(coordinateTransformation: .asymmetric, nearestMode: .floor, axes: [2, 3]),
    ].enumerated() {
      let scales = index == 2 ? [scale, scale] : [1, 1, scale, scale]
      let list = net.constant(try Tensor(scales, shape: [scales.count]))
      net.graph.markOutput(try net.add(form, a, nil, list), named: "y\(index)")
    }
    try await check(net, ["x": net.tensor([1, 8, extent, extent])])
  }

  private func pair(_ net: inout Network, _ x: ValueID, _ scale: Float, _ zero: UInt8) throws
    -> (bytes: ValueID, value: ValueID)
  {
    let step = net.constant(try Tensor([scale], shape: []))
    let origin = net.constant(Tensor(scalar: zero))
    let bytes = try net.add(QuantizeLinear(), x, step, origin)
    return (bytes, try net.add(DequantizeLinear(), bytes, step, origin))
  }

  @Test func normalizationOfBytes() async throws {
    var net = Network(4)
    let x = net.input("x", [1, 6, 4, 4])
    let a = try pair(&net, x, 0.02, 100).value
    net.graph.markOutput(try net.normalization(a), named: "y")
    try await check(net, ["x": net.tensor([1, 6, 4, 4])])
  }

  /// Joined as bytes, whatever they stand for.
  @Test func concatOfBytesOfTwoScales() async throws {
    var net = Network(5)
    let x = net.input("x", [1, 6, 4, 4])
    let a = try pair(&net, x, 0.02, 100).bytes
    let b = try pair(&net, x, 0.05, 30).bytes
    net.graph.markOutput(try net.addAll(Concat(axis: 1), [a, b])[0], named: "y")
    try await check(net, ["x": net.tensor([1, 6, 4, 4])], Agreement(relative: 0, absolute: 1))
  }

  @Test func depthwiseConvolutionOfBytesWithAZero() async throws {
    var net = Network(6)
    let x = net.input("x", [1, 20, 5, 5])
    let a = try pair(&net, x, 0.02, 131).value
    let bytes = net.constant(
      try Tensor((0..<180).map { Int8(($0 * 29) % 120) }, shape: [20, 1, 3, 3])
    )
    let scale = net.constant(try Tensor([0.003 as Float], shape: []))
    let weights = try net.add(DequantizeLinear(axis: 0), bytes, scale)
    let op = Conv(kernelShape: [3, 3], pads: [1, 1, 1, 1], groups: 20)
    net.graph.markOutput(try net.add(op, a, weights), named: "y")
    try await check(net, ["x": net.tensor([1, 20, 5, 5])])
  }

  /// The weights of one node in two readings: as bytes beside bytes, as numbers beside numbers.
  @Test func weightsThatAreReadAsBytesAndAsNumbers() async throws {
    var net = Network(7)
    let x = net.input("x", [1, 8, 5, 5])
    let a = try pair(&net, x, 0.02, 100).value
    let scale = net.constant(try Tensor([0.003 as Float], shape: []))
    for (index, groups) in [8, 1].enumerated() {
      let depth = 8 / groups
      let bytes = net.constant(
        try Tensor((0..<8 * depth * 9).map { Int8(($0 * 29) % 120) }, shape: [8, depth, 3, 3])
      )
      let weights = try net.add(DequantizeLinear(axis: 0), bytes, scale)
      let op = Conv(kernelShape: [3, 3], pads: [1, 1, 1, 1], groups: groups)
      net.graph.markOutput(try net.add(op, a, weights), named: "bytes\(index)")
      net.graph.markOutput(try net.add(op, x, weights), named: "numbers\(index)")
    }
    try await check(net, ["x": net.tensor([1, 8, 5, 5])])
  }

  /// Two names of one value, one of them stored as something else.
  @Test func aCastThatDoesNothing() async throws {
    var net = Network(8)
    let x = net.input("x", [1, 8, 5, 5])
    let short = try net.add(Cast(to: .bfloat16), net.convolution(x, to: 8))
    let same = try net.add(Cast(to: .bfloat16), short)
    let weight = net.constant(try net.tensor([8, 8, 3, 3], 0.2).converted(to: .bfloat16))
    let op = Conv(kernelShape: [3, 3], pads: [1, 1, 1, 1])
    let read = try net.add(op, short, weight)
    net.graph.markOutput(try net.add(Cast(to: .float32), read), named: "read")
    net.graph.markOutput(try net.add(Cast(to: .float32), same), named: "same")
    try await check(net, ["x": net.tensor([1, 8, 5, 5])], Agreement(relative: 3e-2))
  }

  /// Values that come and go in bfloat16 are no reason to leave the kernels.
  @Test func callersOfBfloat16HaveKernels() async throws {
    var net = Network(9)
    let x = net.input("x", [1, 3, 8, 8], .bfloat16)
    let weight = net.constant(try net.tensor([16, 3, 3, 3], 0.3).converted(to: .bfloat16))
    let op = Conv(kernelShape: [3, 3], pads: [1, 1, 1, 1])
    net.graph.markOutput(try net.add(SiLU(), net.add(op, x, weight)), named: "y")
    let plan = try await NativeBackend().build(net.graph, configuration: configuration()).plan
    #expect(plan.info.layers.contains { $0.tactic.hasPrefix("direct bf16") })
    let inputs = ["x": try net.tensor([1, 3, 8, 8]).converted(to: .bfloat16)]
    try await check(net, inputs, Agreement(relative: 2e-2))
  }

  /// An odd channel's neighbour may be garbage of another layer: it must never count.
  @Test func oddChannelsInBfloat16() async throws {
    var net = Network(10)
    let x = net.input("x", [1, 7, 6, 6])
    // Large numbers of float32 first, in memory that is used again.
    var a = try net.convolution(x, to: 40)
    a = try net.add(Mul(), a, net.constant(try Tensor([3e38 as Float], shape: [])))
    let b = try net.add(
      Clip(),
      a,
      net.constant(try Tensor([-1 as Float], shape: [])),
      net.constant(try Tensor([1 as Float], shape: []))
    )
    let short = try net.add(Cast(to: .bfloat16), net.convolution(b, to: 7))
    let weights = try (0..<3).map { _ in
      net.constant(try net.tensor([7, 7, 3, 3], 0.2).converted(to: .bfloat16))
    }
    let op = Conv(kernelShape: [3, 3], pads: [1, 1, 1, 1])
    let first = try net.add(op, short, weights[0])
    let second = try net.add(op, first, weights[1])
    let joined = try net.addAll(Concat(axis: 1), [first, second])[0]
    let lists = try [[0], [14], [1], [1]].map { try net.list($0) }
    let part = try net.addAll(Slice(), [joined] + lists)[0]
    let parts = try net.addAll(
      Split(axis: 1, outputCount: 2),
      [part, try net.list([7, 7])]
    )
    let last = try net.add(op, parts[1], weights[2])
    net.graph.markOutput(try net.add(Cast(to: .float32), last), named: "y")
    try await check(net, ["x": net.tensor([1, 7, 6, 6])], Agreement(relative: 5e-2))
  }
}
