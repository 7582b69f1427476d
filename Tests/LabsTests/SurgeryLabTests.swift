import Diagnostics
import Files
import Graphs
import Metrics
import Tensors
import Testing

@testable import Labs

/// Lab 9: what the grader takes for true is compared with what evaluating gives, and files are hostile.
@Suite struct SurgeryLabTests {
  @Test func receptiveFieldsAreWhatEvaluatingShows() throws {
    var random = SplitMix(seed: 4)
    var seen = 0
    for _ in 0..<40 where seen < 6 {
      var problem = GraphFactsTask.draw("branches", &random)
      // Sums of all inputs by positive weights: whatever a number depends on changes it. Large enough for a middle.
      problem.input = [1, 3, 96, 96]
      for index in problem.nodes.indices where problem.nodes[index].op == "Conv" {
        problem.nodes[index].groups = 1
        problem.nodes[index].bias = false
        // Without borders the middle of the result sees the middle of the picture whole.
        problem.nodes[index].channels = problem.nodes[index].channels.map { min($0, 4) }
      }
      problem.nodes.removeAll { $0.op == "Concat" || $0.op == "MaxPool" || $0.op == "Add" }
      problem = Self.chain(problem)
      let field = GraphFactsTask.receptiveField(problem)
      guard (3..<60).contains(field),
        let built = try? GraphFactsGraph(
          problem,
          weight: { _, shape in
            Tensor(shape: shape, of: Float.self) { $0.initialize(repeating: 0.01) }
          }
        )
      else { continue }
      seen += 1
      #expect(try Self.measured(built.graph) == field)
    }
    #expect(seen >= 3)
  }

  /// The nodes as one chain.
  private static func chain(_ problem: GraphFactsTask.Problem) -> GraphFactsTask.Problem {
    var chain = problem
    var last = "image"
    for index in chain.nodes.indices {
      chain.nodes[index].inputs = [last]
      last = chain.nodes[index].name
    }
    chain.outputs = [last]
    return chain
  }

  /// How wide the part of a row is that changes the middle number of the output.
  private static func measured(_ graph: Graph) throws -> Int {
    let size = 96
    func middle(_ changed: Int?) throws -> Float {
      var pixels = [Float](repeating: 1, count: 3 * size * size)
      if let changed {
        for row in 0..<size { pixels[row * size + changed] += 1000 }
      }
      let input = try Tensor(pixels, shape: [1, 3, size, size])
      let output = try #require(
        try NetworkAnswer.evaluate(graph, inputs: ["image": input]).values.first
      )
      let (height, width) = (output.shape.dimensions[2], output.shape.dimensions[3])
      return try output.scalars(of: Float.self)[height / 2 * width + width / 2]
    }
    let base = try middle(nil)
    let seen = try (0..<size).filter { try middle($0) != base }
    // A window of one pixel with a stride leaves gaps: what counts is from the first to the last.
    return (seen.last ?? 0) - (seen.first ?? 0) + 1
  }

  @Test func whatIsLeftComputesWhatTheWholeDoes() throws {
    let task = GraphSurgeryTask()
    for group in task.groups {
      var random = SplitMix(seed: 9)
      for index in 1...3 {
        let problem = try task.problem(group, index: index, random: &random)
        let answer = try task.reference(problem)
        #expect(answer.parts.flatMap { $0.problems } == [])
        #expect(task.judge(answer, answer, problem, Bands([:])).isRight)
        // The whole network with every wanted value as an output.
        let wanted = problem.orders.outputs?.map(\.value) ?? problem.network.outputs
        let whole = try GraphFactsGraph(
          problem.network,
          outputs: wanted.map { ($0, $0) },
          weight: problem.weight
        ).graph
        let values = try NetworkAnswer.evaluate(whole, inputs: ["image": problem.probe()])
        let names = problem.orders.outputs?.map(\.name) ?? problem.network.outputs
        for (value, name) in zip(wanted, names) {
          #expect(try values[value]?.scalars(of: Float.self) == answer.results?[name])
        }
        let count = answer.parts.reduce(0) { $0 + $1.nodes.count }
        #expect(count == problem.needed(wanted).count)
        #expect(task.picture(answer, answer, problem) != nil)
      }
    }
  }

  @Test func readsPartsOfStrangers() throws {
    let task = GraphSurgeryTask()
    var random = SplitMix(seed: 2)
    let problem = try task.problem("cut", index: 1, random: &random)
    let right = try task.reference(problem)
    let bytes = right.parts[0].bytes
    let folder = try WorkFolder()
    func answer(_ bytes: [UInt8]) throws -> GraphSurgeryTask.Answer {
      try AtomicFile.write(bytes, to: folder.path + "/model.onnx")
      return try task.read(folder.path, of: problem)
    }
    for length in stride(from: 0, to: bytes.count, by: 211) {
      let cut = try answer(Array(bytes[..<length]))
      #expect(!task.judge(cut, right, problem, Bands([:])).isRight, "\(length) bytes")
    }
    for _ in 0..<150 {
      var other = bytes
      other[random.index(below: bytes.count)] = UInt8(random.index(below: 256))
      _ = task.judge(try answer(other), right, problem, Bands([:]))
    }
  }
}
