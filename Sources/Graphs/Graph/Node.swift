public import Tensors

/// Names a value within one graph; never reused.
public struct ValueID: Sendable, Hashable, Codable {
  /// The number behind the name.
  public let rawValue: Int
}

/// Names a node within one graph; never reused.
public struct NodeID: Sendable, Hashable, Codable {
  /// The number behind the name.
  public let rawValue: Int
}

/// What flows between nodes: written once, by one node, an input or a constant.
public struct Value: Sendable {
  /// Its identity.
  public let id: ValueID
  /// Its name, unique in the graph.
  public internal(set) var name: String
  /// What is known of it before running.
  public internal(set) var type: TensorType
  /// Its contents, if it is a constant.
  public let constant: Tensor?
}

/// One application of an operator.
public struct Node: Sendable {
  /// Its identity.
  public let id: NodeID
  /// Its name, unique in the graph.
  public internal(set) var name: String
  /// What it applies.
  public internal(set) var op: any Operator
  /// Its operands; nil where an optional one is left out.
  public internal(set) var inputs: [ValueID?]
  /// What it writes.
  public let outputs: [ValueID]
  /// What in the source it stands for.
  public internal(set) var provenance: Provenance
}

/// What in the source a node or layer stands for. It survives every pass and ends in the plan.
public struct Provenance: Sendable, Hashable, Codable {
  /// The module path in the checkpoint, such as `model.24.m.1`; empty where unknown. A fused
  /// node lists every module that it stands for, in order.
  public var modules: [String]
  /// The names of the imported nodes, in order.
  public var nodes: [String]

  /// Creates a provenance.
  public init(modules: [String] = [], nodes: [String] = []) {
    self.modules = modules
    self.nodes = nodes
  }

  /// Everything that several nodes stand for, in order, each once.
  public init(merging parts: [Provenance]) {
    modules = parts.flatMap(\.modules).uniqued()
    nodes = parts.flatMap(\.nodes).uniqued()
  }
}

extension Sequence where Element: Hashable {
  /// The elements in order, each once.
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
