import Graphs

extension DivergenceTask {
  var hypotheses: [Hypothesis<Problem, Answer>] {
    [
      .shows("one-after-the-other") { _, problem in
        let (taps, nodes) = (problem.board.taps, problem.board.graph.nodes.map(\.name))
        return taps.count > 1 && taps == Array(nodes.prefix(taps.count))
      },
      .shows("output-blamed") { answer, problem in
        answer.faults.allSatisfy { $0.node == problem.board.output }
      },
      .shows("noise-taken") { answer, problem in
        answer.faults.contains {
          problem.board.error(of: $0.node, input: $0.input) < Self.tolerance
        }
          && problem.board.taps.count > 1
      },
      .shows("order-taken") { answer, problem in
        // The node before it in the list agrees, but not all that it reads.
        guard let found = answer.faults.first else { return false }
        let nodes = problem.board.graph.nodes
        guard let index = nodes.firstIndex(where: { $0.name == found.node }) else { return false }
        return index == 0
          || problem.board.error(of: nodes[index - 1].name, input: found.input) < Self.tolerance
      },
      .make("second-not-looked-for") { problem in
        guard problem.faults.count > 1, let first = problem.faults.first else { return nil }
        return Answer(faults: [Found(node: first.node, kind: first.kind.rawValue, input: 2)])
      },
      .shows("input-not-chosen") { answer, _ in answer.faults.allSatisfy { $0.input == 0 } },
      Self.mistaken(
        "doubling-not-tested",
        .doubled,
        for: [.biasLost, .activationLost, .operandLost]
      ),
      Self.mistaken("order-of-channels-not-tested", .channelsReversed, for: [.biasLost]),
      Self.mistaken("saturation-not-tested", .saturated, for: [.biasLost]),
    ]
  }

  /// One kind is taken for the kind that is left for the node.
  private static func mistaken(
    _ id: String,
    _ kind: TapBoard.Kind,
    for others: [TapBoard.Kind]
  ) -> Hypothesis<Problem, Answer> {
    .make(id) { problem in
      var answer = try DivergenceTask().reference(problem)
      let nodes = problem.board.graph.nodes
      for (index, fault) in problem.faults.enumerated() where fault.kind == kind {
        let own =
          nodes.first { $0.name == fault.node }.flatMap { kinds[type(of: $0.op).name] } ?? []
        answer.faults[index].kind = (others.first(where: own.contains) ?? kind).rawValue
      }
      return answer
    }
  }
}
