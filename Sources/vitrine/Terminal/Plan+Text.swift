import Backends
import Graphs
import Pipelines

extension PlanFileDescription {
  /// The facts, and the layers where they are asked for.
  func text(layers showsLayers: Bool) -> String {
    let width = max(14, (facts.map { columns(of: $0.name) }.max() ?? 0) + 2)
    var lines = facts.map { pad($0.name, width) + $0.value }
    lines.insert(Style.bold(pad("backend", width) + backend), at: 0)
    if let contract {
      lines.append(pad("classes", width) + "\(contract.classNames.count)")
      lines.append(pad("task", width) + contract.task.rawValue)
    }
    guard showsLayers, !layers.isEmpty else { return lines.joined(separator: "\n") }
    var table = Table(["layer", "runs as", "stands for"], numeric: [])
    for layer in layers {
      let source = layer.provenance.modules.joined(separator: " ")
      table.add([layer.name, layer.tactic, source])
    }
    return (lines + ["", table.text]).joined(separator: "\n")
  }
}
