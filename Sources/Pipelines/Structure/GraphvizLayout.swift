import Reports

/// Lays a stage out with Graphviz's `dot`, run as a child process.
enum GraphvizLayout {
  /// Points of `dot` per inch, which are our pixels.
  private static let inch = 72.0

  /// The layouts of a record's stages, and whether Graphviz made them; where it is absent, fails
  /// or takes too long, rows of ours take its place.
  static func layouts(of record: StructureRecord, seconds: Int = 20) -> [StructureLayout] {
    record.stages.map { stage in
      layout(of: stage, seconds: seconds) ?? StructureLayout(layering: stage)
    }
  }

  /// The layout that `dot` finds; nil where it finds none.
  static func layout(of stage: StructureRecord.Stage, seconds: Int) -> StructureLayout? {
    guard !stage.nodes.isEmpty, stage.nodes.count <= 5000 else { return nil }
    let answer = ChildProcess.run(
      "dot",
      ["-Tplain"],
      seconds: seconds,
      input: source(of: stage),
      outputLimit: 1 << 24
    )
    guard answer.problem == nil else { return nil }
    return parse(answer.output, stage)
  }

  /// The stage in Graphviz's language. Only numbers are written: no text of a file gets there.
  static func source(of stage: StructureRecord.Stage) -> String {
    var lines = [
      "digraph g {", "graph [nodesep=0.18, ranksep=0.32];",
      "node [shape=box, fixedsize=true, label=\"\"];", "edge [arrowhead=none];",
    ]
    for (index, node) in stage.nodes.enumerated() {
      let size = StructureLayout.boxSize(node)
      lines.append("n\(index) [width=\(size.width / inch), height=\(size.height / inch)];")
    }
    let clusters = Dictionary(grouping: stage.nodes.indices) { layer(stage.nodes[$0]) }
    for (number, key) in clusters.keys.sorted().enumerated() where !key.isEmpty {
      let members = (clusters[key] ?? []).map { "n\($0);" }.joined(separator: " ")
      lines.append("subgraph cluster_\(number) { margin=6; \(members) }")
    }
    lines += stage.edges.map { "n\($0[0]) -> n\($0[1]);" }
    return (lines + ["}"]).joined(separator: "\n")
  }

  /// `model.4` of `model.4.m.0.cv1`; empty where a node stands for no or several layers.
  private static func layer(_ node: StructureRecord.Node) -> String {
    let layers = Set(node.modules.map { $0.split(separator: ".").prefix(2).joined(separator: ".") })
    return layers.count == 1 ? layers.first ?? "" : ""
  }

  /// Reads Graphviz's plain format: `graph scale w h`, `node name x y w h …`,
  /// `edge tail head n x1 y1 … xn yn …`, in inches with y upwards.
  static func parse(_ text: String, _ stage: StructureRecord.Stage) -> StructureLayout? {
    var layout = StructureLayout(
      width: 0,
      height: 0,
      nodes: Array(repeating: [], count: stage.nodes.count),
      edges: []
    )
    var lines: [[Int]: [Double]] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words.first {
      case "graph" where words.count >= 4:
        layout.width = pixels(words[2])
        layout.height = pixels(words[3])
      case "node" where words.count >= 6:
        guard let index = Int(words[1].dropFirst()), layout.nodes.indices.contains(index)
        else { return nil }
        layout.nodes[index] = [
          pixels(words[2]), rounded(layout.height - pixels(words[3])), pixels(words[4]),
          pixels(words[5]),
        ]
      case "edge" where words.count >= 4:
        guard let from = Int(words[1].dropFirst()), let to = Int(words[2].dropFirst()),
          let count = Int(words[3]), count >= 0, words.count >= 4 + 2 * count
        else { return nil }
        lines[[from, to]] = (0..<2 * count).map { place in
          let value = pixels(words[4 + place])
          return place % 2 == 0 ? value : rounded(layout.height - value)
        }
      default: break
      }
    }
    guard layout.nodes.allSatisfy({ $0.count == 4 }) else { return nil }
    layout.edges = stage.edges.map { lines[$0] ?? [] }
    return layout
  }

  private static func pixels(_ word: Substring) -> Double { rounded((Double(word) ?? 0) * inch) }

  private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
