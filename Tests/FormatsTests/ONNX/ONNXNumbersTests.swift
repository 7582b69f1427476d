import Diagnostics
import Formats
import Graphs
import Tensors
import Testing

/// Files of every operator set and old form, evaluated, against ONNX Runtime's numbers.
@Suite struct ONNXNumbersTests {
  @Test func fixturesAreThere() { #expect(ONNXFixtures.cases.count >= 35) }

  @Test(arguments: ONNXFixtures.cases)
  func readsAndRewrites(_ item: ONNXFixtures.Case) throws {
    let known = OperatorCatalog.standard
    let unknown = item.operators.filter {
      known[$0] == nil && !["Constant", "Upsample", "Dropout", "Scatter"].contains($0)
    }
    guard unknown.isEmpty else {
      #expect(throws: DeployError.self) {
        try ONNXReader.read(path: ONNXFixtures.path(item.name + ".onnx"))
      }
      return
    }
    let graph = try ONNXReader.read(path: ONNXFixtures.path(item.name + ".onnx"))
    try expectNumbers(graph, item, "as read")
    for opset in ONNXWriter.opsets {
      do {
        let bytes = try ONNXWriter.encode(graph, opset: opset)
        #expect(ONNXChecker.check(bytes: bytes).isEmpty, "opset \(opset)")
        try expectNumbers(ONNXReader.read(bytes: bytes), item, "opset \(opset)")
      } catch let error as DeployError where error.id == .onnxOpsetTooOld {
        Issue.record("\(item.name) is not written in opset \(opset): \(error)")
      }
    }
  }

  private func expectNumbers(_ graph: Graph, _ item: ONNXFixtures.Case, _ what: String) throws {
    let inputs = try item.inputs.mapValues { try $0.tensor() }
    let outputs = try graph.evaluate(inputs: inputs)
    for (name, expected) in item.outputs {
      let actual = try #require(outputs[name], "\(name), \(what)")
      #expect(actual.shape == Shape(expected.shape), "\(name), \(what)")
      let values = try actual.converted(to: .float64).scalars(of: Double.self)
      let error = zip(values, expected.values).map { abs($0 - $1) }.max() ?? 0
      #expect(error < 2e-5, "\(name), \(what): \(error)")
    }
  }

  @Test func typedDataAndConstants() throws {
    let graph = try ONNXReader.read(path: ONNXFixtures.path("typed_data.onnx"))
    let outputs = try graph.evaluate(inputs: ["x": Tensor([Float(0)], shape: [1])])
    #expect(outputs.count == 15)
    for (name, tensor) in outputs {
      let expected: [Float]
      switch name {
      case "o_f32", "o_f64", "o_f16", "o_bf16", "o_k_value", "o_k_floats": expected = [1.5, -2.25]
      case "o_u8": expected = [3, 250]
      case "o_b": expected = [1, 0]
      case "o_k_int": expected = [3]
      case "o_k_float": expected = [1.5]
      default: expected = [3, -4]
      }
      #expect(try tensor.floats() == expected, "\(name)")
    }
  }
}
