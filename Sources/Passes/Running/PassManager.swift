public import Diagnostics
public import Graphs
import Tensors

/// Runs passes in order and checks the graph after each.
public struct PassManager: Sendable {
  /// The passes, in order.
  public var passes: [any Pass]
  /// Stop after this many patches; bisects a wrong rewrite.
  public var patchLimit: Int?
  /// Names of passes or rules that are left out.
  public var disabled: Set<String>

  /// Creates a run of passes.
  public init(_ passes: [any Pass], patchLimit: Int? = nil, disabled: Set<String> = []) {
    self.passes = passes
    self.patchLimit = patchLimit
    self.disabled = disabled
  }

  /// Runs the passes.
  /// - Throws: `pass.failed` with its cause, or `pass.broke-graph` when the result of a pass is
  ///   not a valid graph with the same inputs and outputs.
  public func run(on graph: Graph) throws -> PassOutcome {
    var editor = GraphEditor(graph, patchLimit: patchLimit ?? .max, disabled: disabled)
    var summaries: [PassSummary] = []
    for pass in passes {
      let start = ContinuousClock.now
      let (nodes, patches) = (editor.graph.nodeCount, editor.records.count)
      let isDisabled = disabled.contains(pass.name)
      if !isDisabled { try run(pass, on: &editor) }
      summaries.append(
        PassSummary(
          pass: pass.name,
          nodeCountBefore: nodes,
          nodeCountAfter: editor.graph.nodeCount,
          patchCount: editor.records.count - patches,
          milliseconds: (ContinuousClock.now - start) / .milliseconds(1),
          isDisabled: isDisabled
        )
      )
    }
    return PassOutcome(graph: editor.graph, records: editor.records, passes: summaries)
  }

  private func run(_ pass: any Pass, on editor: inout GraphEditor) throws {
    let interface = Interface(editor.graph)
    editor.pass = pass.name
    do { try pass.run(on: &editor) } catch {
      throw DeployError(
        .passFailed,
        "pass '\(pass.name)' failed",
        remedy: "leave it out, and report the graph",
        cause: error
      )
    }
    do {
      try editor.graph.verify()
      try interface.check(editor.graph, typesMayChange: pass.changesInterface)
    } catch {
      throw DeployError(
        .passBrokeGraph,
        "pass '\(pass.name)' left an invalid graph",
        remedy: "leave it out, and report the graph",
        cause: error
      )
    }
  }
}

/// The inputs and outputs of a graph, which passes keep.
private struct Interface {
  let inputs: [(name: String, type: TensorType)]
  let outputs: [(name: String, type: TensorType)]

  init(_ graph: Graph) {
    inputs = graph.inputs.map { (graph[$0].name, graph[$0].type) }
    outputs = graph.outputs.map { (graph[$0].name, graph[$0].type) }
  }

  func check(_ graph: Graph, typesMayChange: Bool) throws {
    let after = Interface(graph)
    guard inputs.map(\.name) == after.inputs.map(\.name),
      outputs.map(\.name) == after.outputs.map(\.name)
    else {
      throw DeployError(
        .passBrokeGraph,
        "outputs were \(outputs.map(\.name)) and are \(after.outputs.map(\.name))"
      )
    }
    guard !typesMayChange else { return }
    for (old, new) in zip(inputs + outputs, after.inputs + after.outputs)
    where !new.type.isCompatible(with: old.type) {
      throw DeployError(
        .passBrokeGraph,
        "the type was \(old.type) and is \(new.type)",
        at: .value(old.name)
      )
    }
  }
}

extension Diagnostic.ID {
  /// A pass threw.
  public static let passFailed: Self = "pass.failed"
  /// A pass left a graph that is not valid or has another interface.
  public static let passBrokeGraph: Self = "pass.broke-graph"
  /// Rules that undo each other's work.
  public static let passDoesNotSettle: Self = "pass.does-not-settle"
  /// A name that no pass or rule has.
  public static let passUnknown: Self = "pass.unknown"
}
