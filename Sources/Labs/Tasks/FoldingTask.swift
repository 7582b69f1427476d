import Diagnostics
import Graphs
import Metrics
import Passes
import Tensors

/// Lab 10: a convolution and the batch normalization after it → one convolution.
///
/// `in/…/weight.npy` [O, I, k, k], `bias.npy` [O] (not always there), `gamma.npy`, `beta.npy`, `mean.npy`, `variance.npy` [O],
/// `task.json` with epsilon. `out/…/weight.npy`, `bias.npy`.
struct FoldingTask: CaseTask {
  static let name = "folding"
  let groups = ["plain", "without-bias", "small-variance", "negative-gamma", "grouped"]

  struct Problem: Sendable {
    var shape: [Int]
    var groups = 1
    var weight: [Float]
    var bias: [Float]?
    var gamma: [Float]
    var beta: [Float]
    var mean: [Float]
    var variance: [Float]
    var epsilon: Float
  }

  struct Answer: Sendable {
    var weight: [Float]
    var bias: [Float]
  }

  private struct Settings: Codable {
    var epsilon: Float
    var groups: Int
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    let groupCount = group == "grouped" ? 2 : 1
    let (outputs, inputs) = (2 + 2 * random.index(below: 4), 1 + random.index(below: 4))
    let kernel = [1, 3][random.index(below: 2)]
    func numbers(_ count: Int, _ low: Double, _ high: Double) -> [Float] {
      (0..<count).map { _ in Float(low + (high - low) * random.fraction()) }
    }
    let shape = [outputs, inputs, kernel, kernel]
    var problem = Problem(
      shape: shape,
      groups: groupCount,
      weight: numbers(shape.reduce(1, *), -1, 1),
      bias: group == "without-bias" ? nil : numbers(outputs, -2, 2),
      gamma: numbers(outputs, 0.3, 2),
      beta: numbers(outputs, -1, 1),
      mean: numbers(outputs, 0.5, 3),
      variance: numbers(outputs, 0.2, 4),
      epsilon: [1e-3, 1e-2][random.index(below: 2)]
    )
    if group == "small-variance" { problem.variance = numbers(outputs, 1e-7, 1e-5) }
    if group == "negative-gamma" { problem.gamma = numbers(outputs, -2, -0.3) }
    return problem
  }

  func write(_ problem: Problem, to folder: String) throws {
    let count = Shape([problem.shape[0]])
    try AnswerFile.write(
      Settings(epsilon: problem.epsilon, groups: problem.groups),
      folder,
      "task.json"
    )
    let weight = try Tensor(problem.weight, shape: Shape(problem.shape))
    try AnswerFile.write(weight, folder, "weight.npy")
    if let bias = problem.bias {
      try AnswerFile.write(try Tensor(bias, shape: count), folder, "bias.npy")
    }
    let vectors = [
      ("gamma", problem.gamma), ("beta", problem.beta), ("mean", problem.mean),
      ("variance", problem.variance),
    ]
    for (name, values) in vectors {
      try AnswerFile.write(try Tensor(values, shape: count), folder, "\(name).npy")
    }
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    Answer(
      weight: try AnswerFile.floats(folder, "weight.npy", shape: problem.shape),
      bias: try AnswerFile.floats(folder, "bias.npy", shape: [problem.shape[0]])
    )
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    let weight = try Tensor(answer.weight, shape: Shape(problem.shape))
    try AnswerFile.write(weight, folder, "weight.npy")
    let bias = try Tensor(answer.bias, shape: [answer.bias.count])
    try AnswerFile.write(bias, folder, "bias.npy")
  }

  /// What the pass `fold-batch-normalization` makes of it.
  func reference(_ problem: Problem) throws -> Answer {
    let count = Shape([problem.shape[0]])
    var graph = Graph(name: "fold")
    let channels = problem.shape[1] * problem.groups
    let size = problem.shape[2]
    let x = graph.addInput("x", TensorType(.float32, Shape([1, channels, size, size])))
    let weight = graph.addConstant("w", try Tensor(problem.weight, shape: Shape(problem.shape)))
    let bias = try problem.bias.map { graph.addConstant("b", try Tensor($0, shape: count)) }
    let convolution = Conv(kernelShape: [size, size], groups: problem.groups)
    let result = try graph.add(convolution, [x, weight, bias], name: "conv")
    let vectors = [problem.gamma, problem.beta, problem.mean, problem.variance]
    let parameters = try vectors.enumerated().map { index, values in
      graph.addConstant("p\(index)", try Tensor(values, shape: count))
    }
    let normalization = BatchNormalization(epsilon: problem.epsilon)
    let output = try graph.add(normalization, [result[0]] + parameters, name: "bn")
    graph.markOutput(output[0], named: "y")
    let folded = try PassManager([RewritePass(FoldBatchNormalization())]).run(on: graph).graph
    guard folded.nodeCount == 1, let node = folded.nodes.first, node.inputs.count == 3,
      let w = node.inputs[1].flatMap({ folded[$0].constant }),
      let b = node.inputs[2].flatMap({ folded[$0].constant })
    else { throw DeployError(.courseInvalidValue, "the pass did not fold the normalization") }
    return Answer(
      weight: try w.scalars(of: Float.self),
      bias: try b.scalars(of: Float.self)
    )
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    let per = expected.weight.count / max(1, expected.bias.count)
    let (weight, at) = Self.error(answer.weight, expected.weight)
    let (bias, channel) = Self.error(answer.bias, expected.bias)
    var judgement = Judgement(figures: [
      .init(name: "weight-error", value: weight, rule: .atMost, limit: bands("error", or: 1e-4)),
      .init(name: "bias-error", value: bias, rule: .atMost, limit: bands("error", or: 1e-4)),
    ])
    if !judgement.isRight {
      judgement.place =
        weight > bands("error", or: 1e-4)
        ? "weight, channel \(at / max(1, per)): \(answer.weight[at]) ≠ \(expected.weight[at])"
        : "bias, channel \(channel): \(answer.bias[channel]) ≠ \(expected.bias[channel])"
    }
    return judgement
  }

  /// The largest error relative to the largest value (at least 1), and where it is.
  private static func error(_ values: [Float], _ truth: [Float]) -> (Double, Int) {
    let scale = max(1, truth.map { abs($0) }.max() ?? 1)
    var worst = (0.0, 0)
    for (index, (a, b)) in zip(values, truth).enumerated() {
      let error = a.isFinite ? Double(abs(a - b) / scale) : .infinity
      if error > worst.0 { worst = (error, index) }
    }
    return worst
  }

  func title(_ problem: Problem) -> String {
    "\(Shape(problem.shape)), groups \(problem.groups), "
      + (problem.bias == nil ? "no bias" : "bias")
  }

  func size(_ problem: Problem) -> Int { problem.weight.count }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    func changed(_ id: String, _ change: @escaping @Sendable (inout Problem) -> Void)
      -> Hypothesis<Problem, Answer>
    {
      .make(id) { problem in
        var problem = problem
        change(&problem)
        return try FoldingTask().reference(problem)
      }
    }
    return [
      changed("epsilon-forgotten") { $0.epsilon = 0 },
      changed("root-forgotten") { problem in
        // 1/v instead of 1/√v: the reference takes the root of the square.
        problem.variance = problem.variance.map {
          ($0 + problem.epsilon) * ($0 + problem.epsilon) - problem.epsilon
        }
      },
      changed("epsilon-outside-root") { problem in
        problem.variance = problem.variance.map {
          let root = $0.squareRoot() + problem.epsilon
          return root * root - problem.epsilon
        }
      },
      changed("bias-lost") { $0.bias = nil },
      .make("bias-not-scaled") { problem in
        var answer = try FoldingTask().reference(problem)
        guard let bias = problem.bias else { return answer }
        for (index, value) in bias.enumerated() {
          let factor =
            problem.gamma[index] / (problem.variance[index] + problem.epsilon).squareRoot()
          answer.bias[index] += value - value * factor
        }
        return answer
      },
      changed("mean-forgotten") { $0.mean = $0.mean.map { _ in 0 } },
      changed("mean-sign") { $0.mean = $0.mean.map { -$0 } },
      changed("gamma-sign-lost") { $0.gamma = $0.gamma.map { abs($0) } },
    ]
  }
}
