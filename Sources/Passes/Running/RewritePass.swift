import Diagnostics
import Graphs

/// Applies rules to every node until none has anything to propose.
///
/// Each node waits in a queue once; after a patch only the neighbourhood is queued again. So the
/// work grows with the nodes and patches, not with their product.
public struct RewritePass: Pass {
  /// The pass's name.
  public let name: String
  /// The rules; the first that proposes something wins.
  public let rules: [any RewriteRule]

  /// Creates a pass.
  public init(_ name: String, _ rules: [any RewriteRule]) {
    self.name = name
    self.rules = rules
  }

  /// Creates a pass of one rule, under the rule's name.
  public init(_ rule: any RewriteRule) { self.init(rule.name, [rule]) }

  /// Rewrites until nothing is left.
  /// - Throws: `pass.does-not-settle` when rules undo each other's work.
  public func run(on editor: inout GraphEditor) throws {
    let rules = rules.filter { editor.allows($0.name) }
    var queue = WorkQueue(editor.graph.nodes.map(\.id))
    var budget = 1_000 + 20 * queue.count
    while let id = queue.next() {
      guard editor.hasBudget else { return }
      guard let node = editor.graph[id] else { continue }
      guard let change = try rewrite(node, with: rules, &editor) else { continue }
      budget -= 1
      guard budget > 0 else {
        throw DeployError(
          .passDoesNotSettle,
          "the rules still propose patches after \(editor.records.count)",
          at: .node(node.name)
        )
      }
      queue.add(neighbourhood(of: change, node, in: editor.graph))
    }
  }

  private func rewrite(
    _ node: Node,
    with rules: [any RewriteRule],
    _ editor: inout GraphEditor
  ) throws -> GraphChange? {
    for rule in rules {
      guard let patch = try rule.rewrite(node, in: editor.graph) else { continue }
      return try editor.apply(patch, by: rule.name)
    }
    return nil
  }

  /// The node itself, what was added or rewired, their readers, and the producers that lost a
  /// reader.
  private func neighbourhood(of change: GraphChange, _ node: Node, in graph: Graph) -> [NodeID] {
    let made = change.added.compactMap { graph[$0] }
    let operands = (made + change.removed).flatMap(\.inputs).compactMap { $0 }
    let producers = operands.filter { graph.contains($0) }.compactMap { graph.producer(of: $0)?.id }
    let readers = made.flatMap(\.outputs).flatMap { graph.consumers(of: $0).map(\.id) }
    return [node.id] + producers + change.added + change.rewired + readers
  }
}

/// Nodes to look at, each at most once at a time.
private struct WorkQueue {
  private var items: [NodeID]
  private var waiting: Set<NodeID>
  private var head = 0

  init(_ items: [NodeID]) {
    self.items = items
    waiting = Set(items)
  }

  var count: Int { items.count - head }

  mutating func next() -> NodeID? {
    guard head < items.count else { return nil }
    defer { head += 1 }
    waiting.remove(items[head])
    return items[head]
  }

  mutating func add(_ ids: [NodeID]) {
    for id in ids where waiting.insert(id).inserted { items.append(id) }
  }
}
