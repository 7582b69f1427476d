import Graphs
import Passes

/// What became of each node through a run of passes, by name.
///
/// Names are never reused within a run, so a name stands for one node, be it in the imported
/// graph, in the optimised one or only between two patches.
struct PatchLineage {
  /// For every node that ever was: the nodes of the imported graph that it stands for.
  private var origins: [String: [String]] = [:]
  /// For every node that went: what came in its place.
  private var successors: [String: [String]] = [:]

  init(imported: Graph, _ records: [PatchRecord]) {
    for node in imported.nodes { origins[node.name] = [node.name] }
    for record in records {
      let sources = uniqued(record.removedNodes.flatMap { origins[$0] ?? [] })
      for name in record.addedNodes { origins[name] = uniqued((origins[name] ?? []) + sources) }
      for name in record.removedNodes where !record.addedNodes.contains(name) {
        successors[name] = record.addedNodes
      }
    }
  }

  /// The nodes of the imported graph that a node stands for.
  func sources(of name: String) -> [String] { origins[name] ?? [] }

  /// What a node became in the end: itself where it stayed.
  func results(of name: String) -> [String] {
    var found: [String] = []
    var seen: Set<String> = [name]
    var waiting = [name]
    while let next = waiting.popLast() {
      guard let after = successors[next] else {
        found.append(next)
        continue
      }
      waiting += after.filter { seen.insert($0).inserted }
    }
    return found
  }

  private func uniqued(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}
