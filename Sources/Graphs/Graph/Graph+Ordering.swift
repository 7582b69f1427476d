import Diagnostics

extension Graph {
  /// Whether every node stands after what it reads.
  func isOrdered() -> Bool {
    var position: [NodeID: Int] = [:]
    for (index, id) in order.enumerated() { position[id] = index }
    for (index, id) in order.enumerated() {
      for input in nodeTable[id]?.inputs ?? [] {
        guard let input, let producer = producers[input] else { continue }
        guard let before = position[producer], before < index else { return false }
      }
    }
    return true
  }

  /// Sorts the nodes so that each stands after what it reads, otherwise keeping their order.
  /// - Throws: `graph.cycle`.
  public mutating func sortTopologically() throws {
    var sorted: [NodeID] = []
    var state: [NodeID: Bool] = [:]  // false: being visited, true: done
    for root in order {
      var stack = [root]
      while let id = stack.last {
        if state[id] == true {
          stack.removeLast()
          continue
        }
        let pending = (nodeTable[id]?.inputs ?? []).compactMap { $0.flatMap { producers[$0] } }
          .filter { state[$0] != true }
        if pending.isEmpty {
          state[id] = true
          sorted.append(id)
          stack.removeLast()
          continue
        }
        if state[id] == false, pending.contains(where: { state[$0] == false }) {
          throw DeployError(
            .graphCycle,
            "the nodes form a circle",
            at: .node(nodeTable[id]?.name ?? "")
          )
        }
        state[id] = false
        stack += pending.reversed()
      }
    }
    order = sorted
  }
}
