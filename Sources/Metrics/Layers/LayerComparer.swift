import Diagnostics
public import Graphs
public import Tensors

/// Compares the inner values of two runs of one network while the second is running.
///
/// The values of the first run are given as a function, so they may lie in a file; each pair is
/// compared and let go. Values come in any order; the answer is in graph order.
public struct LayerComparer {
  private let places: [String: LayerComparison.Place]
  private let tolerance: @Sendable (Node) -> Tolerance
  private let nodes: [String: Node]
  private var layers: [LayerComparison] = []

  /// Prepares for the values of `graph`, whose modules name the places.
  /// - Parameter tolerance: how close the results of a node must be; its absolute part is in
  ///   units of the expected value's largest magnitude, because the rounding of a sum grows with
  ///   its terms, not with what is left of them.
  public init(
    _ graph: Graph,
    tolerance: @escaping @Sendable (Node) -> Tolerance = { _ in .rounding }
  ) {
    var places: [String: LayerComparison.Place] = [:]
    var nodes: [String: Node] = [:]
    for (position, node) in graph.nodes.enumerated() {
      for output in node.outputs {
        let name = graph[output].name
        nodes[name] = node
        places[name] = LayerComparison.Place(node: node, position: position)
      }
    }
    self.places = places
    self.nodes = nodes
    self.tolerance = tolerance
  }

  /// Compares one value. Names that the graph does not know are ignored.
  public mutating func add(_ name: String, _ actual: Tensor, expected: Tensor) throws {
    guard let place = places[name], let node = nodes[name] else { return }
    var tolerance = tolerance(node)
    tolerance.absolute *= try Self.largestMagnitude(expected)
    let comparison = try TensorComparison(actual, with: expected, tolerance: tolerance)
    layers.append(LayerComparison(name, place, comparison))
  }

  /// The largest finite magnitude; 1 where there is none.
  private static func largestMagnitude(_ tensor: Tensor) throws -> Double {
    let floats = try tensor.converted(to: .float32)
    let largest = try floats.withScalars(of: Float.self) { scalars in
      scalars.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
    }
    return largest > 0 ? Double(largest) : 1
  }

  /// What was compared so far, in graph order.
  public var divergence: Divergence {
    Divergence(layers: layers.sorted { ($0.position, $0.value) < ($1.position, $1.value) })
  }
}

extension LayerComparison {
  struct Place {
    let name: String
    let operatorName: String
    let modules: [String]
    let position: Int

    init(node: Node, position: Int) {
      name = node.name
      operatorName = type(of: node.op).name
      modules = node.provenance.modules
      self.position = position
    }
  }

  init(_ value: String, _ place: Place, _ comparison: TensorComparison) {
    self.init(
      value: value,
      node: place.name,
      operatorName: place.operatorName,
      modules: place.modules,
      position: place.position,
      comparison: comparison
    )
  }
}
