import Backends
import Diagnostics
import Graphs

/// Cuts a graph that cannot be built to the smallest stretch of nodes that cannot be built either.
struct FailingPart {
  /// The stretch as a network of its own.
  var graph: Graph
  /// Builds that it took to find it.
  var attempts: Int
  /// Whether the search came to its end, so that no shorter stretch is left to try.
  var isSmallest = true

  /// Builds stretches until no shorter one is found: first the shortest beginning that fails, then
  /// the latest start of that. Each end is found by halving, so a few dozen builds of parts at most.
  ///
  /// A part whose inputs are shapes rather than pictures can fail for that reason alone; so a
  /// stretch counts only where the failure has the same sign as that of the whole.
  /// - Parameters:
  ///   - fails: whether a part fails as the whole does.
  ///   - seconds: the search ends after about this time with what it has found.
  /// - Returns: nil where the failure is not one of a part.
  static func find(
    in graph: Graph,
    startingWith suspect: String?,
    attemptLimit: Int = 32,
    seconds: Int = 60,
    fails: (Graph) -> Bool
  ) -> FailingPart? {
    var attempts = 0
    let deadline = ContinuousClock.now + .seconds(seconds)
    func isFailing(_ range: Range<Int>) -> Bool {
      guard attempts < attemptLimit, ContinuousClock.now < deadline, !Task.isCancelled,
        !range.isEmpty, let part = try? graph.part(range),
        !part.outputs.isEmpty
      else { return false }
      attempts += 1
      return fails(part)
    }
    // The node that the engine names is often enough.
    if let suspect, let index = graph.nodes.firstIndex(where: { $0.name == suspect }),
      isFailing(index..<index + 1), let part = try? graph.part(index..<index + 1)
    {
      return FailingPart(graph: part, attempts: attempts)
    }
    guard isFailing(0..<graph.nodeCount) else { return nil }
    var (passing, end) = (0, graph.nodeCount)
    while end - passing > 1 {
      let middle = (passing + end) / 2
      if isFailing(0..<middle) { end = middle } else { passing = middle }
    }
    var (start, beyond) = (0, end)
    while beyond - start > 1 {
      let middle = (start + beyond) / 2
      if isFailing(middle..<end) { start = middle } else { beyond = middle }
    }
    guard let part = try? graph.part(start..<end) else { return nil }
    let wasCut = attempts >= attemptLimit || ContinuousClock.now >= deadline || Task.isCancelled
    return FailingPart(graph: part, attempts: attempts, isSmallest: !wasCut)
  }

  /// The part in words, for an error.
  var note: Diagnostic {
    let names = graph.nodes.map { "\(type(of: $0.op).name) '\($0.name)'" }
    let shown = names.suffix(6).joined(separator: ", ")
    let count = graph.nodeCount == 1 ? "this node" : "\(graph.nodeCount) nodes, the last of them"
    return Diagnostic(
      .note,
      .backendFailed,
      "\(isSmallest ? "the smallest part" : "the smallest part found so far") that fails alone is "
        + "\(count): \(shown) (found by \(attempts) build\(attempts == 1 ? "" : "s"))",
      at: graph.nodes.last.map { .node($0.name) }
    )
  }
}
