import Backends
import Graphs
import Pipelines

extension PlanFileDescription {
  /// The facts, and the layers where they are asked for.
  func text(layers showsLayers: Bool) -> String {
    var lines = facts.map { pad($0.name, 14) + $0.value }
    lines.insert(Style.bold(pad("backend", 14) + backend), at: 0)
    if let contract {
      lines.append(pad("classes", 14) + "\(contract.classNames.count)")
      lines.append(pad("task", 14) + contract.task.rawValue)
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
