import Graphs
import Passes
import Tensors
import TestSupport
import Testing

/// What every pass promises, on random small graphs.
@Suite struct PassLawTests {
  static let passes: [any Pass] =
    PassCatalog.export.passes + PassCatalog.optimize.passes + PassCatalog.native.passes
    + [CastToHalf(castsInterface: false), CastToHalf(castsInterface: false, to: .bfloat16)]

  @Test(arguments: 1...60) func everyPassKeepsTheLaws(_ seed: Int) throws {
    let graph = try randomGraph(seed)
    let inputs = ["x": try numbers([1, 4, 5, 5], seed: seed)]
    let expected = try graph.evaluated(inputs)
    for pass in Self.passes { try check(pass.name, [pass], graph, inputs, expected, seed) }
    try check("export", PassCatalog.export.passes, graph, inputs, expected, seed)
    try check("optimize", PassCatalog.optimize.passes, graph, inputs, expected, seed)
    try check("native", PassCatalog.native.passes, graph, inputs, expected, seed)
  }

  private func check(
    _ name: String,
    _ passes: [any Pass],
    _ graph: Graph,
    _ inputs: [String: Tensor],
    _ expected: [String: Tensor],
    _ seed: Int
  ) throws {
    let outcome = try PassManager(passes).run(on: graph)
    let tolerance: Tolerance =
      switch name {
      case "cast-to-half": Tolerance(absolute: 0.15, relative: 0.05)
      // Three bits fewer than half precision.
      case "cast-to-bfloat16": Tolerance(absolute: 1.2, relative: 0.4)
      default: .rounding
      }
    let difference = try difference(outcome.graph.evaluated(inputs), expected, tolerance)
    #expect(difference == nil, "seed \(seed), \(name)\n\(graph)->\n\(outcome.graph)")
    let names = { (graph: Graph) in graph.outputs.map { graph[$0].name } }
    #expect(names(outcome.graph) == names(graph), "seed \(seed), \(name)")
    try outcome.graph.verify()
    guard passes.count == 1 else { return }
    let again = try PassManager(passes).run(on: outcome.graph)
    #expect(again.records.map(\.reason) == [], "seed \(seed), \(name)\n\(outcome.graph)")
  }

  @Test func everyPatchLimitLeavesARightGraph() throws {
    for seed in 100...106 {
      let graph = try randomGraph(seed)
      let inputs = ["x": try numbers([1, 4, 5, 5], seed: seed)]
      let expected = try graph.evaluated(inputs)
      let count = try PassManager(PassCatalog.optimize.passes).run(on: graph).records.count
      for limit in 0...count {
        let part = try PassManager(PassCatalog.optimize.passes, patchLimit: limit).run(on: graph)
        #expect(part.records.count == limit)
        let difference = try difference(part.graph.evaluated(inputs), expected)
        #expect(difference == nil, "seed \(seed), limit \(limit)")
      }
    }
  }

  private func randomGraph(_ seed: Int) throws -> Graph {
    var generator = SeededGenerator(seed: UInt64(seed))
    var net = Network("random\(seed)")
    var values = [net.input("x", [1, 4, 5, 5])]
    for step in 0..<Int.random(in: 3...12, using: &generator) {
      let a = values.randomElement(using: &generator) ?? values[0]
      let b = values.randomElement(using: &generator) ?? values[0]
      let last = values[values.count - 1]
      let name = "s\(step)"
      switch Int.random(in: 0..<14, using: &generator) {
      case 0, 1: values.append(try net.convolution(last, 4, to: 4, named: name))
      case 2: values.append(try net.convolution(a, 4, to: 4, groups: 2, bias: false, named: name))
      case 3, 4: values.append(try net.normalization(last, 4, named: name))
      case 5: values.append(try net.add(Mul(), last, net.add(Sigmoid(), last)))
      case 6: values.append(try net.add(Sigmoid(), a))
      case 7: values.append(try net.add(Mul(), net.add(HardSigmoid(alpha: 1 / 6), a), a))
      case 8: values.append(try net.add(Identity(), a))
      case 9: values.append(try net.add(Mul(), a, net.constant(name, [1], [1])))
      case 10:
        values.append(try net.add(Mul(), last, net.constant(name, [1, 2, 3, 4], [4, 1, 1])))
      case 11: values.append(try net.add(Sigmoid(), net.add(Add(), a, b)))
      case 12: values.append(try net.add(Reshape(), a, net.add(ShapeOf(), b)))
      default:
        let two = try net.constant(name + ".two", [0.5], [1])
        let four = try net.add(Mul(), two, two)
        values.append(try net.add(Add(), a, four))
      }
    }
    net.graph.markOutput(values[values.count - 1], named: "output0")
    let other = values.randomElement(using: &generator) ?? values[0]
    if other != values[values.count - 1] { net.graph.markOutput(other) }
    return net.graph
  }
}
