import Formats
import Graphs
import Metrics
import Passes
import Reports

/// Puts the forms of one network side by side: modules → graph as imported → optimised → plan.
///
/// The graphs should be bound to one input size, so that shapes and costs are known.
struct StructureBuilder {
  /// The checkpoint that the network comes from; nil for an ONNX file.
  var checkpoint: Checkpoint?
  /// What it is called.
  var name: String
  /// The graph before the passes.
  var imported: Graph
  /// The graph after them; nil where none ran.
  var optimised: Graph?
  /// The edits between.
  var records: [PatchRecord] = []
  /// The layers that ran and their times; nil where nothing was profiled.
  var profile: LayerProfile?

  init(name: String, imported: Graph) {
    self.name = name
    self.imported = imported
  }

  /// The record.
  func record() -> StructureRecord {
    var record = StructureRecord()
    let modules = ModuleStage(imported, checkpoint, profile)
    if !modules.stage.nodes.isEmpty {
      record.stages.append(modules.stage)
      record.links += modules.links
    }
    append(Self.stage(imported, .onnx, name: name), to: &record)
    let final: Graph
    if let optimised {
      let first = record.stages.count - 1
      let stage = Self.stage(optimised, .optimised, name: name)
      let lineage = PatchLineage(imported: imported, records)
      let source = record.stages[first]
      append(stage, to: &record)
      record.links += Self.links(source, stage, at: first) { lineage.sources(of: $0.name) }
      record.steps = steps(source, stage, lineage)
      final = optimised
    } else {
      final = imported
    }
    if let profile { appendPlan(profile, final, &record) }
    StructureGroups.assign(to: &record)
    return record
  }

  private func append(_ stage: StructureRecord.Stage, to record: inout StructureRecord) {
    record.stages.append(stage)
  }

  /// The nodes and edges of a graph.
  static func stage(
    _ graph: Graph,
    _ kind: StructureRecord.Kind,
    name: String
  ) -> StructureRecord.Stage {
    let nodes = graph.nodes
    var writers: [ValueID: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs { writers[output] = index }
    }
    var edges: [[Int]] = []
    for (index, node) in nodes.enumerated() {
      let before = Set(node.inputs.compactMap { $0.flatMap { writers[$0] } })
      edges += before.sorted().map { [$0, index] }
    }
    return StructureRecord.Stage(
      kind,
      name: name,
      nodes: nodes.map { StructureRecord.Node($0, in: graph) },
      edges: edges
    )
  }

  /// Links from a stage to the next, whose nodes name what they come from.
  static func links(
    _ source: StructureRecord.Stage,
    _ target: StructureRecord.Stage,
    at index: Int,
    names: (StructureRecord.Node) -> [String]
  ) -> [StructureRecord.Link] {
    let places = source.places
    return target.nodes.enumerated().flatMap { to, node in
      names(node).compactMap { places[$0] }
        .map { StructureRecord.Link(stage: index, from: $0, to: to) }
    }
  }

  private func steps(
    _ source: StructureRecord.Stage,
    _ target: StructureRecord.Stage,
    _ lineage: PatchLineage
  ) -> [StructureRecord.Step] {
    let (before, after) = (source.places, target.places)
    return records.map { record in
      let touched = record.removedNodes + record.addedNodes
      return StructureRecord.Step(
        number: record.number,
        pass: record.pass,
        rule: record.rule,
        reason: record.reason,
        before: record.before,
        after: record.after,
        sources: Set(touched.flatMap(lineage.sources).compactMap { before[$0] }).sorted(),
        results: Set(touched.flatMap(lineage.results).compactMap { after[$0] }).sorted()
      )
    }
  }

  /// The layers that ran; edges are those of the graph between nodes of different layers.
  private func appendPlan(
    _ profile: LayerProfile,
    _ graph: Graph,
    _ record: inout StructureRecord
  ) {
    let index = record.stages.count - 1
    let source = record.stages[index]
    let places = source.places
    var layers: [Int: Int] = [:]
    for (layer, measurement) in profile.layers.enumerated() {
      for name in measurement.nodes {
        guard let node = places[name] else { continue }
        record.links.append(StructureRecord.Link(stage: index, from: node, to: layer))
        layers[node] = layers[node] ?? layer
      }
    }
    let between = source.edges.compactMap { edge -> [Int]? in
      guard let from = layers[edge[0]], let to = layers[edge[1]], from != to else { return nil }
      return [from, to]
    }
    let title = profile.version.isEmpty ? profile.backend : "\(profile.backend) \(profile.version)"
    record.stages.append(
      StructureRecord.Stage(
        .plan,
        name: title,
        nodes: profile.layers.map { StructureRecord.Node($0) },
        edges: Set(between).sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
      )
    )
  }
}

extension StructureRecord.Stage {
  /// The indices of the nodes by name; the first of a name counts.
  var places: [String: Int] {
    Dictionary(nodes.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }
}
