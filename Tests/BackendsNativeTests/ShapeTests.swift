import Backends
import BackendsNative
import Diagnostics
import Files
import Graphs
import Tensors
import TestSupport
import Testing

/// Open extents: one plan and one session, several shapes, going back and forth.
@Suite struct ShapeTests {
  private static let shapes: [Shape] = [
    [1, 4, 8, 8], [2, 4, 16, 8], [1, 4, 8, 8], [3, 4, 10, 12], [2, 4, 16, 8], [1, 4, 32, 32],
  ]
  private static let agreement = Agreement(relative: 1e-4, absolute: 2e-5)

  /// Backbone, neck and two heads over a batch and extents that are open.
  private func network(scaledByHeight: Bool = false, decodes: Bool = true) throws -> Network {
    var net = Network(7, "open")
    let x = net.input("x", [.symbol("N"), 4, .symbol("H"), .symbol("W")])
    var a = try net.add(SiLU(), net.convolution(x, to: 16))
    if scaledByHeight {
      // A number that each shape folds into the weights.
      let shape = try net.add(ShapeOf(), x)
      let height = try net.add(Gather(axis: 0), shape, net.list([2]))
      let scale = try net.add(Cast(to: .float32), height)
      let shifted = try net.add(
        Mul(),
        scale,
        net.constant(try Tensor([0.125 as Float], shape: [1]))
      )
      a = try net.add(Mul(), net.convolution(a, to: 16), shifted)
    }
    let b = try net.add(SiLU(), net.convolution(a, to: 24, strides: [2, 2]))
    let up = try net.add(
      Resize(coordinateTransformation: .asymmetric, nearestMode: .floor),
      b,
      nil,
      net.constant(try Tensor([1, 1, 2, 2] as [Float], shape: [4]))
    )
    let joined = try net.addAll(Concat(axis: 1), [up, a, up])[0]
    let c = try net.convolution(joined, to: 12, kernel: [1, 1])
    let pooled = try net.add(
      MaxPool(kernelShape: [5, 5], strides: [1, 1], pads: [2, 2, 2, 2]),
      c
    )
    net.graph.markOutput(try net.convolution(pooled, to: 7), named: "picture")
    // Files cannot hold the decoding as one node.
    guard decodes else { return net }
    let heads = try [c, b].enumerated().map { index, value in
      try net.head(value, anchors: 3, fields: 7, masks: 0, stride: Float(8 << index))
    }
    net.graph.markOutput(try net.addAll(Concat(axis: 1), heads)[0], named: "boxes")
    return net
  }

  @Test(arguments: [true, false], [1, 2])
  func oneSessionOfManyShapes(_ scaledByHeight: Bool, _ threads: Int) async throws {
    var net = try network(scaledByHeight: scaledByHeight)
    let plan = try await NativeBackend()
      .build(net.graph, configuration: configuration(threads: threads)).plan
    let session = try plan.makeSession()
    var known: [Shape: [String: Tensor]] = [:]
    for shape in Self.shapes {
      let inputs = ["x": try net.tensor(shape)]
      let expected = try net.graph.evaluate(inputs: inputs)
      let difference = try Self.agreement.difference(session.run(inputs), expected)
      #expect(difference == nil, "\(shape)")
      let other = try plan.makeSession()
      #expect(try sameBits(other.run(inputs), session.run(inputs)))
      known[shape] = expected
    }
    #expect(known.count == 4)
  }

  @Test func unfitShapesAreRefused() async throws {
    let net = try network()
    let plan = try await NativeBackend().build(net.graph, configuration: configuration()).plan
    let session = try plan.makeSession()
    // The upsampled picture does not fit an odd extent: the error names the node.
    _ = try session.input("x", shape: [1, 4, 9, 8])
    #expect(throws: DeployError.self) { try session.run(observer: nil) }
    // The session is still good for other shapes.
    let inputs = ["x": try Tensor([Float](repeating: 0.5, count: 256), shape: [1, 4, 8, 8])]
    let expected = try net.graph.evaluate(inputs: inputs)
    #expect(try Self.agreement.difference(session.run(inputs), expected) == nil)
    #expect(throws: DeployError.self) { _ = try session.input("x", shape: [1, 5, 8, 8]) }
  }

  @Test func planFilesOfOpenShapes() async throws {
    var net = try network(scaledByHeight: true, decodes: false)
    var options = PlanBuildOptions()
    options.threadCount = 1
    options.level = 0
    options.profiles = [try #require(ShapeProfile("1x4x8x8:1x4x16x16:3x4x16x16"))]
    let built = try await NativeBackend().buildPlanFile(
      net.graph,
      options: options,
      source: PlanSource(name: "open.onnx"),
      progress: { _ in }
    )
    let file = TemporaryFile(built.bytes, suffix: ".plan")
    let plan = try NativeBackend().loadPlan(path: file.path, configuration: configuration())
    let session = try plan.makeSession()
    for shape in Self.shapes.dropLast() {
      let inputs = ["x": try net.tensor(shape)]
      let memory = try await native(net.graph, inputs)
      #expect(try sameBits(session.run(inputs), memory), "\(shape)")
    }
    _ = try session.input("x", shape: [1, 4, 32, 32])
    #expect { try session.run(observer: nil) } throws: {
      ($0 as? DeployError)?.id == .backendShapeMismatch
    }
  }
}
