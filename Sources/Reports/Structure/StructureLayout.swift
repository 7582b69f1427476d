/// Where the boxes and lines of one stage of a ``StructureRecord`` are drawn, in pixels; y grows
/// downwards.
public struct StructureLayout: Sendable, Hashable, Codable {
  /// The width of the whole.
  public var width: Double
  /// The height of the whole.
  public var height: Double
  /// One box per node: `[x, y, width, height]`, x and y being its centre.
  public var nodes: [[Double]]
  /// One line per edge: `[x0, y0, x1, y1, …]`, the points of cubic Bézier curves; empty for a
  /// straight line.
  public var edges: [[Double]]

  /// Creates a layout.
  public init(width: Double, height: Double, nodes: [[Double]], edges: [[Double]]) {
    self.width = width
    self.height = height
    self.nodes = nodes
    self.edges = edges
  }

  /// The size of a node's box, which has two lines of text.
  public static func boxSize(_ node: StructureRecord.Node) -> (width: Double, height: Double) {
    let longest = max(node.operatorName.count, min(label(node).count, 26))
    return (max(64, Double(min(longest, 30)) * 6.6 + 18), 38)
  }

  /// The second line of a node's box.
  public static func label(_ node: StructureRecord.Node) -> String {
    node.modules.first ?? node.name
  }

  /// A plain layout where Graphviz is absent: each node below all that it reads from, in rows.
  public init(layering stage: StructureRecord.Stage) {
    var rows = [Int](repeating: 0, count: stage.nodes.count)
    // Nodes come after what they read from, so one look at each edge in order is enough.
    for edge in stage.edges.sorted(by: { $0[1] < $1[1] }) {
      rows[edge[1]] = max(rows[edge[1]], rows[edge[0]] + 1)
    }
    let (gap, step) = (18.0, 76.0)
    var widths: [Int: Double] = [:]
    let lefts = stage.nodes.indices.map { index in
      let left = widths[rows[index], default: 0]
      widths[rows[index]] = left + Self.boxSize(stage.nodes[index]).width + gap
      return left
    }
    let width = widths.values.max() ?? 0
    nodes = stage.nodes.indices.map { index in
      let size = Self.boxSize(stage.nodes[index])
      let shift = (width - (widths[rows[index]] ?? 0)) / 2
      return [
        lefts[index] + shift + (size.width + gap) / 2, (Double(rows[index]) + 0.5) * step,
        size.width, size.height,
      ]
    }
    edges = stage.edges.map { _ in [] }
    self.width = width
    height = Double((rows.max() ?? -1) + 1) * step
  }
}
