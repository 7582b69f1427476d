public import Graphs
import Tensors

/// The only way a pass can change a graph, so the record of changes is always true.
public struct GraphEditor: Sendable {
  /// The graph as it stands now.
  public private(set) var graph: Graph
  /// Every patch so far, in order, those of earlier passes included.
  public private(set) var records: [PatchRecord] = []
  /// The pass that edits.
  public internal(set) var pass = ""
  private let patchLimit: Int
  private let disabled: Set<String>

  /// Starts editing.
  /// - Parameters:
  ///   - patchLimit: the number of patches after which every further one is refused.
  ///   - disabled: names of rules that propose nothing.
  public init(_ graph: Graph, patchLimit: Int = .max, disabled: Set<String> = []) {
    self.graph = graph
    self.patchLimit = patchLimit
    self.disabled = disabled
  }

  /// Whether another patch will be taken.
  public var hasBudget: Bool { records.count < patchLimit }

  /// Whether the rule of that name may run.
  public func allows(_ rule: String) -> Bool { !disabled.contains(rule) }

  /// Applies one patch and records it.
  /// - Parameter rule: the rule that proposed it; the pass itself by default.
  /// - Returns: what changed, or nil once the patch limit is reached.
  /// - Throws: what ``Graph/apply(_:)`` throws; the graph is then unchanged.
  @discardableResult
  public mutating func apply(_ patch: Patch, by rule: String? = nil) throws -> GraphChange? {
    guard hasBudget else { return nil }
    // Named before the patch is applied: afterwards the values that they write are gone.
    let before = graph.nodes(removedBy: patch).map { graph.text(of: $0) }
    let change = try graph.apply(patch)
    let added = change.added.compactMap { graph[$0] }
    let touched = Provenance(merging: (change.removed + added).map(\.provenance))
    records.append(
      PatchRecord(
        number: records.count + 1,
        pass: pass,
        rule: rule ?? pass,
        reason: patch.reason,
        removedNodes: change.removed.map(\.name),
        addedNodes: added.map(\.name),
        modules: touched.modules,
        before: before,
        after: added.map { graph.text(of: $0) }
      )
    )
    return change
  }

  /// Gives an input another element type, where its readers accept it, and records it.
  /// - Returns: false once the patch limit is reached.
  @discardableResult
  public mutating func retypeInput(_ id: ValueID, to type: TensorType, reason: String) throws
    -> Bool
  {
    guard hasBudget else { return false }
    let value = graph[id]
    graph = try graph.retyped(inputs: [value.name: type])
    recordInterface(reason, before: "input \(value.name): \(value.type)", "input", graph[id])
    return true
  }

  /// Makes the graph return another value of the same shape under the same name, and records it.
  /// - Returns: false once the patch limit is reached.
  @discardableResult
  public mutating func returnInstead(_ old: ValueID, _ new: ValueID, reason: String) throws
    -> Bool
  {
    guard hasBudget else { return false }
    let value = graph[old]
    try graph.returnInstead(of: old, new)
    recordInterface(reason, before: "output \(value.name): \(value.type)", "output", graph[new])
    return true
  }

  private mutating func recordInterface(
    _ reason: String,
    before: String,
    _ word: String,
    _ value: Value
  ) {
    let after = "\(word) \(value.name): \(value.type)"
    records.append(
      PatchRecord(
        number: records.count + 1,
        pass: pass,
        rule: pass,
        reason: reason,
        before: [before],
        after: [after]
      )
    )
  }
}
