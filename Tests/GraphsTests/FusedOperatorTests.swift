import Diagnostics
import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

/// The operators that ONNX does not have, against their formulas.
@Suite struct FusedOperatorTests {
  private func numbers(_ shape: Shape, _ seed: Int) throws -> Tensor {
    let values = (0..<shape.count).map { Float(($0 &* 37 &+ seed &* 101) % 97) / 24 - 2 }
    return try Tensor(values, shape: shape)
  }

  private static let activations: [Activation] = [
    .identity, .silu, .relu, .leakyRelu(alpha: 0.1), .hardSwish, .sigmoid,
    .hardSigmoid(alpha: 0.3, beta: 0.4), .clip(lower: -0.5, upper: 0.75),
    .clip(lower: -.infinity, upper: .infinity), .tanh, .mish,
  ]

  /// By hand, not by the operators that ``Activation`` asks.
  private func formula(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .identity: x
    case .silu: x / (1 + exp(-x))
    case .relu: max(x, 0)
    case .leakyRelu(let alpha): x < 0 ? Double(alpha) * x : x
    case .hardSwish: x * min(max(x / 6 + 0.5, 0), 1)
    case .sigmoid: 1 / (1 + exp(-x))
    case .hardSigmoid(let alpha, let beta): min(max(Double(alpha) * x + Double(beta), 0), 1)
    case .clip(let lower, let upper): min(max(x, Double(lower)), Double(upper))
    case .tanh: tanh(x)
    case .mish: x * tanh(log1p(exp(x)))
    }
  }

  @Test(
    arguments: activations.indices,
    [FusedConvolution.Residual.none, .afterActivation, .beforeActivation]
  )
  func fusedConvolution(_ index: Int, _ residual: FusedConvolution.Residual) throws {
    let activation = Self.activations[index]
    let conv = Conv(strides: [2, 1], pads: [1, 0, 0, 1])
    let op = FusedConvolution(conv, activation: activation, residual: residual)
    let operands: [Tensor?] = try [
      numbers([2, 3, 5, 4], 1), numbers([4, 3, 3, 2], 2), numbers([4], 3),
    ]
    let sums = try conv.evaluate(operands)[0]
    let added = try numbers(sums.shape, 4)
    let result = try op.evaluate(operands + (residual == .none ? [] : [added]))[0]
    #expect(result.shape == sums.shape && result.scalarType == .float32)
    for (value, (sum, extra)) in zip(
      try result.floats(),
      zip(try sums.floats(), try added.floats())
    ) {
      let (sum, extra) = (Double(sum), Double(extra))
      let expected =
        switch residual {
        case .none: formula(activation, sum)
        case .afterActivation: formula(activation, sum) + extra
        case .beforeActivation: formula(activation, sum + extra)
        }
      #expect(Tolerance.rounding.accepts(Double(value), expected))
    }
    let types = try op.outputTypes(
      for: (operands + [added]).map { tensor in
        tensor.map { Operand(type: TensorType($0.scalarType, $0.shape)) }
      }
    )
    #expect(types == [TensorType(.float32, result.shape)])
    let again = try FusedConvolution(attributes: Attributes(op.attributes), outputCount: 1)
    #expect(again.attributes == op.attributes)
    #expect(again.activation == activation && again.residual == residual)
    #expect(again.convolution.window == conv.window)
  }

  @Test func fusedConvolutionRefuses() throws {
    let op = FusedConvolution(Conv(), activation: .relu, residual: .afterActivation)
    let type = { (shape: Shape) in Operand(type: TensorType(.float32, shape)) }
    let operands = [type([1, 2, 3, 3]), type([4, 2, 1, 1]), nil]
    #expect(throws: DeployError.self) { try op.outputTypes(for: operands) }
    #expect(throws: DeployError.self) { try op.outputTypes(for: operands + [type([1, 4, 3, 2])]) }
    #expect(throws: DeployError.self) { try op.outputTypes(for: operands + [type([1, 4, 1, 1])]) }
    let stranger: [String: Attribute] = ["activation": .string("gelu")]
    #expect(throws: DeployError.self) {
      try FusedConvolution(attributes: Attributes(stranger), outputCount: 1)
    }
    let bare: [String: Attribute] = ["activation": .string("clip"), "parameters": .floats([1])]
    #expect(throws: DeployError.self) {
      try FusedConvolution(attributes: Attributes(bare), outputCount: 1)
    }
    let late: [String: Attribute] = ["residual": .string("sometimes")]
    #expect(throws: DeployError.self) {
      try FusedConvolution(attributes: Attributes(late), outputCount: 1)
    }
  }

  @Test(arguments: [5, 6, 7]) func detectDecode(_ sigmoidFields: Int) throws {
    let op = DetectDecode(
      strides: [8, 16],
      anchors: [10, 13, 30, 20],
      sigmoidFields: sigmoidFields
    )
    let x = try numbers([2, 14, 3, 4], 5)
    let logits = try x.floats()
    let result = try op.evaluate([x])[0]
    #expect(result.shape == [2, 24, 7])
    let boxes = try result.floats()
    for picture in 0..<2 {
      for anchor in 0..<2 {
        for (y, x) in (0..<12).map({ ($0 / 4, $0 % 4) }) {
          let t = (0..<7).map { Double(logits[((picture * 14 + anchor * 7 + $0) * 3 + y) * 4 + x]) }
          let s = t.map { 1 / (1 + exp(-$0)) }
          var expected = [
            (2 * s[0] + Double(x) - 0.5) * 8, (2 * s[1] + Double(y) - 0.5) * 16,
            4 * s[2] * s[2] * [10, 30][anchor], 4 * s[3] * s[3] * [13, 20][anchor],
          ]
          expected += (4..<7).map { $0 < sigmoidFields ? s[$0] : t[$0] }
          let row = ((picture * 2 + anchor) * 12 + y * 4 + x) * 7
          for field in 0..<7 {
            #expect(Tolerance.rounding.accepts(Double(boxes[row + field]), expected[field]))
          }
        }
      }
    }
    let again = try DetectDecode(attributes: Attributes(op.attributes), outputCount: 1)
    #expect(again.attributes == op.attributes)
    let types = try op.outputTypes(for: [Operand(type: TensorType(.bfloat16, x.shape))])
    #expect(types == [TensorType(.float32, result.shape)])
  }

  @Test func detectDecodeRefuses() throws {
    let op = DetectDecode(strides: [8, 8], anchors: [1, 2, 3, 4], sigmoidFields: 6)
    for shape in [[1, 13, 2, 2], [1, 14, 2], [14]] as [Shape] {
      #expect(throws: DeployError.self) {
        try op.outputTypes(for: [Operand(type: TensorType(.float32, shape))])
      }
    }
    for (strides, anchors) in [([8], [1, 2]), ([8, 8], [1, 2, 3]), ([8, 8], [])]
      as [([Float], [Float])]
    {
      let attributes: [String: Attribute] = [
        "strides": .floats(strides), "anchors": .floats(anchors),
      ]
      #expect(throws: DeployError.self) {
        try DetectDecode(attributes: Attributes(attributes), outputCount: 1)
      }
    }
  }
}
