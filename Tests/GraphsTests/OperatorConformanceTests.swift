import Diagnostics
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Operators against ONNX Runtime")
struct OperatorConformanceTests {
  @Test("the results agree", arguments: OperatorCase.all)
  func agrees(_ example: OperatorCase) throws {
    let op = try #require(try example.makeOperator())
    let results = try op.evaluate(example.inputs)
    try #require(results.count == example.outputs.count)
    for (actual, expected) in zip(results, example.outputs) {
      #expect(actual.shape == expected.shape)
      try #require(actual.scalarType == expected.scalarType)
      try #require(actual.shape == expected.shape)
      let isHalf = expected.scalarType == .float16 && op.tolerance != .exact
      let tolerance = isHalf ? Tolerance.half : op.tolerance
      let a = try actual.converted(to: .float64).scalars(of: Double.self)
      let b = try expected.converted(to: .float64).scalars(of: Double.self)
      let index = a.indices.first { !tolerance.accepts(a[$0], b[$0]) }
      #expect(index == nil, "element \(index ?? 0): \(index.map { (a[$0], b[$0]) } ?? (0, 0))")
    }
  }

  @Test("the shape rule tells the results' types", arguments: OperatorCase.all)
  func typesAgree(_ example: OperatorCase) throws {
    let op = try #require(try example.makeOperator())
    let expected = example.outputs.map { TensorType($0.scalarType, $0.shape) }
    for isKnown in [true, false] {
      let operands = example.inputs.map { tensor in
        tensor.map {
          Operand(type: TensorType($0.scalarType, $0.shape), constant: isKnown ? $0 : nil)
        }
      }
      let types = try op.outputTypes(for: operands)
      try #require(types.count == expected.count)
      for (actual, truth) in zip(types, expected) {
        #expect(truth.isCompatible(with: actual), "\(actual) instead of \(truth)")
        let dependsOnData = ["NonZero", "NonMaxSuppression"].contains(example.operatorName)
        if isKnown, !dependsOnData { #expect(actual.shape == truth.shape) }
      }
    }
  }

  @Test("attributes survive being written and read again", arguments: OperatorCase.all)
  func attributesRoundTrip(_ example: OperatorCase) throws {
    let op = try #require(try example.makeOperator())
    let again = try type(of: op).init(
      attributes: Attributes(op.attributes),
      outputCount: example.outputs.count
    )
    #expect(again.attributes == op.attributes)
  }

  @Test("symbolic extents never contradict the result", arguments: OperatorCase.all)
  func symbolsAgree(_ example: OperatorCase) throws {
    let op = try #require(try example.makeOperator())
    for seed in 1...4 {
      var random = SeededGenerator(seed: UInt64(seed))
      let operands = example.inputs.map { tensor -> Operand? in
        guard let tensor else { return nil }
        var type = TensorType(tensor.scalarType, tensor.shape)
        // A list may give a shape, axes or pads: its contents and length stay known.
        if tensor.shape.rank < 2 { return Operand(type: type, constant: tensor) }
        for axis in type.dimensions.indices where Bool.random(using: &random) {
          type.dimensions[axis] = .symbol("s\(type.dimensions[axis])")
        }
        return Operand(type: type)
      }
      // Without axes nobody can tell whether a symbolic extent of 1 goes.
      if example.name == "Squeeze-2" { continue }
      guard let types = try? op.outputTypes(for: operands) else { continue }
      for (actual, truth) in zip(types, example.outputs) {
        #expect(actual.rank == truth.shape.rank)
        for (extent, value) in zip(actual.dimensions, truth.shape.dimensions) {
          switch extent {
          case .fixed(let known): #expect(known == value, "seed \(seed): \(actual), \(truth.shape)")
          case .symbol(let name): #expect(name == "s\(value)", "seed \(seed): \(actual)")
          case .unknown: break
          }
        }
      }
    }
  }

  @Test("every operator of the catalogue has a case, but ours")
  func isComplete() {
    let covered = Set(OperatorCase.all.map(\.operatorName))
    #expect(OperatorCatalog.standard.names.filter { !covered.contains($0) } == ["SiLU"])
  }
}
