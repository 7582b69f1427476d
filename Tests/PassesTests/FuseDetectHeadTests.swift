import Graphs
import Passes
import Tensors
import Testing

/// The decoding of a head, in the forms that exporters write, and what only looks like it.
@Suite struct FuseDetectHeadTests {
  private static let pass = RewritePass(FuseDetectHead())

  /// What is wrong with a head's arithmetic.
  enum Flaw: CaseIterable {
    case none, offset, size, sigmoid, clippedBoxes, clippedMasks, twoSources, order
  }

  /// A head as exporters spell it: reshape, transpose, sigmoid, split, products, join. Two anchors,
  /// seven fields, of which the last `masks` are copied.
  private func head(_ flaw: Flaw = .none, masks: Int = 0, stride: Float = 8) throws -> Network {
    let (anchors, fields, height, width) = (2, 7, 3, 4)
    var net = Network("head")
    let x = net.input("x", [2, 5, 3, 4])
    let logits = try net.convolution(x, 5, to: anchors * fields, named: "conv")
    let split = try net.constant("split", [2, Int64(anchors), Int64(fields), 3, 4])
    var cells = try net.add(Reshape(), logits, split, named: "cells")
    cells = try net.add(Transpose(permutation: [0, 1, 3, 4, 2]), cells, named: "last")
    let rest = fields - 4 - masks
    let sizes = try net.constant(
      "sizes",
      masks == 0 ? [2, 2, Int64(rest)] : [2, 2, Int64(rest), Int64(masks)]
    )
    let parts = try net.graph.add(
      Split(axis: 4, outputCount: masks == 0 ? 3 : 4),
      [cells, sizes],
      name: "parts"
    )
    let sigmoids = try (0..<3).map { try net.add(Sigmoid(), parts[$0], named: "sigmoid\($0)") }
    var grid: [Float] = []
    for _ in 0..<anchors {
      for y in 0..<height {
        for x in 0..<width {
          // A grid that is wrong in its last cell only.
          let isLast = flaw == .offset && y == height - 1 && x == width - 1
          grid += [Float(x) - 0.5 + (isLast ? 0.25 : 0), Float(y) - 0.5]
        }
      }
    }
    let two = try net.constant("two", [2], [])
    let steps = try net.constant("stride", [stride], [])
    let places = try net.constant("grid", grid, [1, anchors, height, width, 2])
    var centre = try net.add(Mul(), sigmoids[0], two, named: "twice")
    centre = try net.add(Add(), centre, places, named: "moved")
    centre = try net.add(Mul(), centre, steps, named: "centre")
    let power = try net.constant("power", [flaw == .size ? 1.9 : 2], [])
    var size = try net.add(Pow(), net.add(Mul(), sigmoids[1], two), power, named: "square")
    let priors = try net.constant("priors", [10, 13, 33, 23], [1, 2, 1, 1, 2])
    size = try net.add(Mul(), size, priors, named: "size")
    if flaw == .clippedBoxes {
      size = try net.add(Clip(), size, net.constant("least", [0.1], []), named: "clip")
    }
    var classes = sigmoids[2]
    if flaw == .sigmoid { classes = try net.add(HardSigmoid(), parts[2], named: "hard") }
    if flaw == .twoSources {
      let other = try net.convolution(x, 5, to: anchors * rest, named: "other")
      let shape = try net.constant("shape", [2, 2, 3, 4, Int64(rest)])
      classes = try net.add(Reshape(), other, shape, named: "foreign")
    }
    var all = [centre, size, classes]
    if flaw == .order { all = [size, centre, classes] }
    if masks > 0 {
      let bounds = try [-20, 20].map { try net.constant("bound\($0)", [Float($0)], []) }
      all.append(
        flaw == .clippedMasks
          ? try net.add(Clip(), parts[3], bounds[0], bounds[1], named: "clip") : parts[3]
      )
    }
    let joined = try net.graph.add(Concat(axis: 4), all, name: "joined")[0]
    let flat = try net.constant("flat", [2, 24, Int64(fields)])
    net.graph.markOutput(try net.add(Reshape(), joined, flat, named: "boxes"), named: "output0")
    return net
  }

  @Test(arguments: [0, 2]) func decodesOneHead(_ masks: Int) throws {
    let net = try head(masks: masks)
    let outcome = try PassManager([Self.pass]).run(on: net.graph)
    expectGolden("\(net.graph)->\n\(outcome.graph)", "fuse-detect-head-\(masks)-masks")
    #expect(outcome.graph.operatorNames == ["Conv", "DetectDecode"])
    let op = try #require(outcome.graph.nodes.last?.op as? DetectDecode)
    #expect(op.strides == [8, 8] && op.anchors == [10, 13, 33, 23])
    #expect(op.sigmoidFields == 7 - masks)
    let inputs = ["x": try numbers([2, 5, 3, 4])]
    let tolerance = Tolerance(absolute: 1e-4, relative: 1e-4)
    #expect(
      try difference(outcome.graph.evaluated(inputs), net.graph.evaluated(inputs), tolerance) == nil
    )
    #expect(try PassManager([Self.pass]).run(on: outcome.graph).records.isEmpty)
  }

  @Test(arguments: Flaw.allCases.filter { $0 != .none })
  func refusesWhatOnlyLooksLikeADecoding(_ flaw: Flaw) throws {
    let net = try head(flaw, masks: flaw == .clippedMasks ? 2 : 0)
    try expectNothingToDo(Self.pass, net.graph)
  }

  @Test func findsAnyStride() throws {
    let net = try head(stride: 0.5)
    let outcome = try PassManager([Self.pass]).run(on: net.graph)
    #expect((outcome.graph.nodes.last?.op as? DetectDecode)?.strides == [0.5, 0.5])
  }

  /// What is inside the region and read by others stays.
  @Test func keepsWhatOthersRead() throws {
    var net = try head()
    let cells = try #require(net.graph.node("last")?.outputs[0])
    net.graph.markOutput(try net.add(Exp(), cells, named: "reader"), named: "raw")
    let outcome = try PassManager([Self.pass]).run(on: net.graph)
    #expect(
      Set(outcome.graph.operatorNames) == ["Conv", "Reshape", "Transpose", "Exp", "DetectDecode"]
    )
    let inputs = ["x": try numbers([2, 5, 3, 4])]
    let tolerance = Tolerance(absolute: 1e-4, relative: 1e-4)
    #expect(
      try difference(outcome.graph.evaluated(inputs), net.graph.evaluated(inputs), tolerance) == nil
    )
  }
}
