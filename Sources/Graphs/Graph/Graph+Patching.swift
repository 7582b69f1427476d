import Diagnostics
import Tensors

extension Graph {
  /// Applies one edit wholly, or throws and changes nothing. Constants and values that nobody
  /// reads any more go with it.
  /// - Throws: `graph.type-changed`, `graph.dangling-value`, `graph.cycle`, or what a new node's
  ///   shape rule throws.
  public mutating func apply(_ patch: Patch) throws {
    var edited = self
    try edited.applyInPlace(patch)
    self = edited
  }

  private mutating func applyInPlace(_ patch: Patch) throws {
    let removed = order.indices.filter { patch.removals.contains(order[$0]) }
    let insertionPoint = insertionPoint(removed, patch)
    let countBefore = order.count
    let fresh = try perform(patch.steps)
    let added = order[countBefore...]
    order.removeSubrange(countBefore...)
    order.insert(contentsOf: added, at: insertionPoint)
    for (old, new) in patch.replacements {
      try redirect(old, to: resolve(new, fresh), reason: patch.reason)
    }
    try remove(patch.removals, reason: patch.reason)
    if !isOrdered() { try sortTopologically() }
  }

  /// After the last removed node; without one, before the first reader of a replaced value.
  private func insertionPoint(_ removed: [Int], _ patch: Patch) -> Int {
    if let last = removed.last { return last + 1 }
    let touched = Set(patch.replacements.flatMap { readers[$0.old] ?? [] })
    return order.firstIndex(where: touched.contains) ?? order.count
  }

  private mutating func perform(_ steps: [Patch.Step]) throws -> [[ValueID]] {
    var fresh: [[ValueID]] = []
    for step in steps {
      switch step {
      case .constant(let name, let tensor): fresh.append([addConstant(name, tensor)])
      case .node(let name, let op, let inputs, let provenance):
        let operands = inputs.map { $0.map { resolve($0, fresh) } }
        fresh.append(try add(op, operands, name: name, provenance: provenance))
      }
    }
    return fresh
  }

  private func resolve(_ value: Patch.Value, _ fresh: [[ValueID]]) -> ValueID {
    switch value {
    case .existing(let id): id
    case .new(let step, let output): fresh[step][output]
    }
  }

  private mutating func redirect(_ old: ValueID, to new: ValueID, reason: String) throws {
    guard old != new else { return }
    let (oldType, newType) = (self[old].type, self[new].type)
    guard newType.isCompatible(with: oldType) else {
      throw DeployError(
        .graphTypeChanged,
        "patch '\(reason)' changes \(oldType) to \(newType)",
        at: .value(self[old].name)
      )
    }
    let moved = readers.removeValue(forKey: old) ?? []
    readers[new, default: []] += moved
    for reader in Set(moved) {
      guard let inputs = nodeTable[reader]?.inputs else { continue }
      nodeTable[reader]?.inputs = inputs.map { $0 == old ? new : $0 }
    }
    guard outputs.contains(old) else { return }
    // A plan's bindings are named after the graph's outputs, so the name moves along. An input,
    // constant or other output keeps its own name: an Identity must then stay between the two.
    let name = self[old].name
    rename(old, to: name + ".replaced")
    rename(new, to: name)
    outputs = outputs.map { $0 == old ? new : $0 }
  }

  private mutating func remove(_ removals: Set<NodeID>, reason: String) throws {
    for id in removals {
      guard let node = nodeTable.removeValue(forKey: id) else { continue }
      for input in node.inputs.compactMap({ $0 }) {
        readers[input]?.removeAll { $0 == id }
      }
    }
    order.removeAll(where: removals.contains)
    for (value, producer) in producers where removals.contains(producer) {
      guard useCount(of: value) == 0 else {
        throw DeployError(
          .graphDangling,
          "patch '\(reason)' removes the producer of a value that is still read",
          at: .value(self[value].name)
        )
      }
      producers[value] = nil
      forget(value)
    }
    dropUnusedConstants()
  }

  private mutating func forget(_ id: ValueID) {
    guard let value = valueTable.removeValue(forKey: id) else { return }
    names.remove(value.name)
    readers[id] = nil
  }

  /// Forgets the constants that nobody reads.
  public mutating func dropUnusedConstants() {
    for value in valueTable.values where value.constant != nil && useCount(of: value.id) == 0 {
      forget(value.id)
    }
  }

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
