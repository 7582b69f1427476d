import Diagnostics
import Tensors

extension Graph {
  /// Applies one edit wholly, or throws and changes nothing. Constants that nobody reads any
  /// more go with it, and types downstream of a replaced value are inferred again.
  ///
  /// The nodes that the patch adds read what they state, even where the patch replaces that
  /// value for all others. A graph output keeps its name: the new value takes it over, or, where
  /// it has a name to keep itself (an input, a constant, another output), an Identity does.
  ///
  /// The work grows with the patch and its neighbours, not with the graph.
  /// - Throws: `graph.type-changed`, `graph.dangling-value`, `graph.cycle`, or what a new node's
  ///   shape rule throws.
  @discardableResult
  public mutating func apply(_ patch: Patch) throws -> GraphChange {
    var additions = PatchAdditions()
    do {
      try perform(patch, into: &additions)
      let plan = try plan(patch, additions)
      return try commit(patch, plan, additions)
    } catch {
      undo(additions)
      throw error
    }
  }

  /// The nodes that a patch would remove, in graph order.
  public func nodes(removedBy patch: Patch) -> [Node] {
    patch.removals.compactMap { id in order.firstIndex(of: id).map { ($0, id) } }
      .sorted { $0.0 < $1.0 }.compactMap { nodeTable[$0.1] }
  }

  /// Makes the graph return another value under the same name, of another element type maybe.
  /// - Throws: `graph.type-changed` when the shapes differ, `graph.dangling-value`.
  public mutating func returnInstead(of old: ValueID, _ new: ValueID) throws {
    var expected = self[old].type
    expected.scalarType = self[new].type.scalarType
    guard self[new].type.isCompatible(with: expected) else {
      throw DeployError(
        .graphTypeChanged,
        "an output of type \(self[old].type) cannot become \(self[new].type)",
        at: .value(self[old].name)
      )
    }
    var change = GraphChange()
    if outputs.contains(old) { moveOutput(old, to: new, &change) }
  }

  // MARK: Adding

  private mutating func perform(_ patch: Patch, into additions: inout PatchAdditions) throws {
    for step in patch.steps {
      switch step {
      case .constant(let name, let tensor):
        let value = addConstant(name, tensor)
        additions.constants.append(value)
        additions.results.append([value])
        additions.wishes.append((value, name))
      case .node(let name, let op, let inputs, let provenance):
        let operands = inputs.map { $0.map { resolve($0, additions) } }
        for operand in operands.compactMap({ $0 }) { try requireValue(operand, patch) }
        let outputs = try add(op, operands, name: name, provenance: provenance)
        let node = order.removeLast()
        additions.nodes.append(node)
        additions.nodeWishes.append((node, name))
        additions.results.append(outputs)
        if let first = outputs.first { additions.wishes.append((first, name)) }
      }
    }
  }

  private func resolve(_ value: Patch.Value, _ additions: PatchAdditions) -> ValueID {
    switch value {
    case .existing(let id): id
    case .new(let step, let output): additions.results[step][output]
    }
  }

  private func requireValue(_ id: ValueID, _ patch: Patch) throws {
    guard !contains(id) else { return }
    throw DeployError(
      .graphDangling,
      "patch '\(patch.reason)' names value \(id.rawValue), which does not exist"
    )
  }

  private mutating func undo(_ additions: PatchAdditions) {
    for id in additions.nodes.reversed() { detach(id) }
    for id in additions.constants { forget(id) }
  }

  // MARK: Checking, before anything that exists is touched

  private func plan(_ patch: Patch, _ additions: PatchAdditions) throws -> PatchPlan {
    var plan = PatchPlan()
    plan.redirects = try redirects(patch, additions)
    plan.removed = patch.removals.compactMap { order.firstIndex(of: $0) }.sorted()
    try checkRemovals(patch, plan)
    plan.insertionPoint = insertionPoint(plan)
    plan.needsSorting = !keepsOrder(patch, plan, additions)
    return plan
  }

  private func redirects(
    _ patch: Patch,
    _ additions: PatchAdditions
  ) throws -> [(old: ValueID, new: ValueID)] {
    var next: [ValueID: ValueID] = [:]
    for (old, new) in patch.replacements {
      let target = resolve(new, additions)
      try requireValue(old, patch)
      try requireValue(target, patch)
      if old != target { next[old] = target }
    }
    return try patch.replacements.compactMap { old, _ in
      guard var target = next[old] else { return nil }
      var steps = 0
      while let further = next[target] {
        target = further
        steps += 1
        guard steps <= next.count else {
          throw DeployError(.graphCycle, "patch '\(patch.reason)' replaces values in a circle")
        }
      }
      try checkTypes(old, target, patch)
      return (old, target)
    }
  }

  private func checkTypes(_ old: ValueID, _ new: ValueID, _ patch: Patch) throws {
    let (oldType, newType) = (self[old].type, self[new].type)
    guard !newType.isCompatible(with: oldType) else { return }
    throw DeployError(
      .graphTypeChanged,
      "patch '\(patch.reason)' changes \(oldType) to \(newType)",
      at: .value(self[old].name)
    )
  }

  private func checkRemovals(_ patch: Patch, _ plan: PatchPlan) throws {
    let added = { (id: NodeID) in !self.order.contains(id) }
    let replaced = Set(plan.redirects.map(\.old))
    let kept = Set(plan.redirects.map(\.new))
    for value in plan.removed.flatMap({ nodeTable[order[$0]]?.outputs ?? [] }) {
      let isRead = (readers[value] ?? []).contains { reader in
        !patch.removals.contains(reader) && (!replaced.contains(value) || added(reader))
      }
      let isReturned = !replaced.contains(value) && outputs.contains(value)
      guard isRead || isReturned || kept.contains(value) else { continue }
      throw DeployError(
        .graphDangling,
        "patch '\(patch.reason)' removes the producer of a value that is still read",
        at: .value(self[value].name)
      )
    }
  }

  /// After the last removed node; without one, before the first reader of a replaced value.
  private func insertionPoint(_ plan: PatchPlan) -> Int {
    if let last = plan.removed.last { return last + 1 }
    let positions = plan.redirects.flatMap { readers[$0.old] ?? [] }
      .compactMap { order.firstIndex(of: $0) }
    return positions.min() ?? order.count
  }

  /// Whether every value is still written before it is read, without moving a node.
  private func keepsOrder(
    _ patch: Patch,
    _ plan: PatchPlan,
    _ additions: PatchAdditions
  ) -> Bool {
    for input in additions.nodes.flatMap({ nodeTable[$0]?.inputs ?? [] }) {
      guard let producer = input.flatMap({ producers[$0] }) else { continue }
      guard let position = order.firstIndex(of: producer) else { continue }
      if position >= plan.insertionPoint { return false }
    }
    for (old, new) in plan.redirects {
      guard let producer = producers[new] else { continue }
      let position = order.firstIndex(of: producer) ?? plan.insertionPoint - 1
      for reader in Set(readers[old] ?? []) where !patch.removals.contains(reader) {
        guard let place = order.firstIndex(of: reader) else { continue }
        if place <= position { return false }
      }
    }
    return true
  }

  // MARK: Changing

  private mutating func commit(
    _ patch: Patch,
    _ plan: PatchPlan,
    _ additions: PatchAdditions
  ) throws -> GraphChange {
    let before = plan.needsSorting ? self : nil
    var change = GraphChange()
    change.added = additions.nodes
    change.removed = plan.removed.compactMap { nodeTable[order[$0]] }
    order.insert(contentsOf: additions.nodes, at: plan.insertionPoint)
    var doubtful = additions.constants
    for (old, new) in plan.redirects {
      let moved = redirect(old, to: new, except: additions.nodes, &change)
      if self[old].constant != nil { doubtful.append(old) }
      if self[new].constant != nil || self[old].type != self[new].type { change.rewired += moved }
    }
    for index in plan.removed.reversed() {
      let node = nodeTable[order[index]]
      detach(order[index])
      order.remove(at: index)
      doubtful += node?.inputs.compactMap { $0 } ?? []
    }
    for id in doubtful { forgetIfUnused(id) }
    if let before {
      do { try sortTopologically() } catch {
        self = before
        throw error
      }
    }
    grantNames(additions)
    change.rewired = refineTypes(from: change.rewired)
    for (_, new) in plan.redirects { change.rewired += Set(readers[new] ?? []) }
    return change
  }

  /// Makes the nodes that read `old` before the patch read `new`, and the graph return it.
  /// - Returns: those nodes.
  private mutating func redirect(
    _ old: ValueID,
    to new: ValueID,
    except added: [NodeID],
    _ change: inout GraphChange
  ) -> [NodeID] {
    let all = readers[old] ?? []
    let moved = all.filter { !added.contains($0) }
    readers[old] = all.filter(added.contains)
    readers[new, default: []] += moved
    let nodes = Set(moved)
    for reader in nodes {
      guard let inputs = nodeTable[reader]?.inputs else { continue }
      nodeTable[reader]?.inputs = inputs.map { $0 == old ? new : $0 }
    }
    if outputs.contains(old) { moveOutput(old, to: new, &change) }
    return Array(nodes)
  }

  private mutating func moveOutput(
    _ old: ValueID,
    to new: ValueID,
    _ change: inout GraphChange
  ) {
    let name = self[old].name
    let provenance = producer(of: old)?.provenance ?? Provenance()
    rename(old, to: name + ".replaced")
    var result = new
    if producers[new] == nil || outputs.contains(new) {
      // An Identity accepts every operand, so this adds a node and never throws.
      if let copies = try? add(Identity(), [new], name: name, provenance: provenance) {
        result = copies.first ?? new
        change.added += order.suffix(1)
      }
    } else {
      rename(new, to: name)
    }
    outputs = outputs.map { $0 == old ? result : $0 }
  }

  /// Takes a node out of every table but the order.
  private mutating func detach(_ id: NodeID) {
    guard let node = nodeTable.removeValue(forKey: id) else { return }
    nodeNames.remove(node.name)
    for input in node.inputs.compactMap({ $0 }) { readers[input]?.removeAll { $0 == id } }
    for output in node.outputs {
      producers[output] = nil
      forget(output)
    }
  }

  private mutating func grantNames(_ additions: PatchAdditions) {
    for (node, name) in additions.nodeWishes {
      guard let actual = nodeTable[node]?.name, actual != name,
        nodeNames.insert(name).inserted
      else { continue }
      nodeNames.remove(actual)
      nodeTable[node]?.name = name
    }
    for (value, name) in additions.wishes {
      guard let actual = valueTable[value]?.name, actual != name, !names.contains(name),
        !outputs.contains(value)
      else { continue }
      rename(value, to: name)
    }
  }

  private mutating func forget(_ id: ValueID) {
    guard let value = valueTable.removeValue(forKey: id) else { return }
    names.remove(value.name)
    readers[id] = nil
  }

  private mutating func forgetIfUnused(_ id: ValueID) {
    guard valueTable[id]?.constant != nil, useCount(of: id) == 0 else { return }
    forget(id)
  }

  /// Forgets the constants that nobody reads.
  public mutating func dropUnusedConstants() {
    for value in valueTable.values where value.constant != nil { forgetIfUnused(value.id) }
  }
}
