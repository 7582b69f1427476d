public import Diagnostics
public import Tensors

/// A network in static single-assignment form. A value type: copying is cheap, and two passes
/// never see each other's edits.
///
/// Nodes are kept in an order in which every value is written before it is read.
public struct Graph: Sendable {
  /// The network's name.
  public var name: String
  /// What a user of the network must know: classes, anchors, preprocessing.
  public var contract: ModelContract?
  /// Free text that came with the file and goes out with it.
  public var metadata: [String: String] = [:]
  /// The values that a caller supplies, in order.
  public internal(set) var inputs: [ValueID] = []
  /// The values that a caller gets, in order.
  public internal(set) var outputs: [ValueID] = []

  var order: [NodeID] = []
  var nodeTable: [NodeID: Node] = [:]
  var valueTable: [ValueID: Value] = [:]
  var producers: [ValueID: NodeID] = [:]
  /// The nodes that read a value, once per operand position, in no particular order.
  var readers: [ValueID: [NodeID]] = [:]
  var names: Set<String> = []
  /// The names of the nodes, which are apart from those of the values.
  var nodeNames: Set<String> = []
  private var nextID = 0

  /// Creates an empty graph.
  public init(name: String) { self.name = name }

  /// The nodes, each after those that it reads from.
  public var nodes: [Node] { order.compactMap { nodeTable[$0] } }
  /// The number of nodes.
  public var nodeCount: Int { order.count }
  /// Every value, in the order of creation.
  public var values: [Value] { valueTable.values.sorted { $0.id.rawValue < $1.id.rawValue } }
  /// The constants that some node reads or the graph returns, in the order of creation.
  public var constants: [Value] { values.filter { $0.constant != nil } }

  /// A value. Only identifiers of this graph (or of one it was copied from, where the value was
  /// not removed since) may be passed.
  public subscript(_ id: ValueID) -> Value {
    guard let value = valueTable[id] else { preconditionFailure("no value \(id)") }
    return value
  }
  /// A node, or nil if it was removed.
  public subscript(_ id: NodeID) -> Node? { nodeTable[id] }
  /// Whether the value still exists.
  public func contains(_ id: ValueID) -> Bool { valueTable[id] != nil }
  /// The node that writes a value; nil for inputs and constants.
  public func producer(of id: ValueID) -> Node? { producers[id].flatMap { nodeTable[$0] } }
  /// The nodes that read a value, each once, in graph order when there are several.
  public func consumers(of id: ValueID) -> [Node] {
    let ids = Set(readers[id] ?? [])
    guard ids.count > 1 else { return ids.compactMap { nodeTable[$0] } }
    return order.filter(ids.contains).compactMap { nodeTable[$0] }
  }
  /// How often a value is read: operand positions plus graph outputs.
  public func useCount(of id: ValueID) -> Int {
    (readers[id]?.count ?? 0) + outputs.count { $0 == id }
  }
  /// The value of that name, found by a search.
  public func value(named name: String) -> Value? {
    guard names.contains(name) else { return nil }
    return valueTable.values.first { $0.name == name }
  }
  /// The operand as shape rules see it.
  public func operand(_ id: ValueID) -> Operand {
    Operand(type: self[id].type, constant: self[id].constant)
  }

  // MARK: Building

  /// Adds an input. A taken name gets a number appended.
  @discardableResult
  public mutating func addInput(_ name: String, _ type: TensorType) -> ValueID {
    let id = newValue(name, type, nil)
    inputs.append(id)
    return id
  }

  /// Adds a constant.
  public mutating func addConstant(_ name: String, _ tensor: Tensor) -> ValueID {
    newValue(name, TensorType(tensor.scalarType, tensor.shape), tensor)
  }

  /// Declares a value an output, optionally under a new name.
  public mutating func markOutput(_ id: ValueID, named name: String? = nil) {
    outputs.append(id)
    if let name { rename(id, to: name) }
  }

  /// Appends a node and infers the types of what it writes.
  /// - Parameter outputNames: the names of the outputs; `name` and `name.1`, … by default.
  /// - Returns: the values that it writes, in order.
  /// - Throws: what the operator's shape rule throws, located at the node.
  @discardableResult
  public mutating func add(
    _ op: any Operator,
    _ inputs: [ValueID?],
    name: String,
    outputNames: [String]? = nil,
    provenance: Provenance = Provenance()
  ) throws -> [ValueID] {
    let types: [TensorType]
    do { types = try op.checkedOutputTypes(for: inputs.map { $0.map(operand) }) } catch {
      throw DeployError(
        .graphInvalidNode,
        "operator \(type(of: op).name) does not accept its operands",
        at: .node(name),
        remedy: "correct the model at this node or write it again from its source",
        cause: error
      )
    }
    let id = NodeID(rawValue: takeID())
    let outputs = types.enumerated().map { index, type in
      let named = outputNames.flatMap { index < $0.count && !$0[index].isEmpty ? $0[index] : nil }
      return newValue(named ?? (index == 0 ? name : "\(name).\(index)"), type, nil)
    }
    let node = Node(
      id: id,
      name: Self.unique(name, among: &nodeNames),
      op: op,
      inputs: inputs,
      outputs: outputs,
      provenance: provenance
    )
    nodeTable[id] = node
    order.append(id)
    for output in outputs { producers[output] = id }
    for input in inputs.compactMap({ $0 }) { readers[input, default: []].append(id) }
    return outputs
  }

  /// Gives a value another name; a taken name gets a number appended.
  public mutating func rename(_ id: ValueID, to name: String) {
    guard let old = valueTable[id]?.name, old != name else { return }
    names.remove(old)
    let free = Self.unique(name, among: &names)
    valueTable[id]?.name = free
  }

  mutating func newValue(_ name: String, _ type: TensorType, _ constant: Tensor?) -> ValueID {
    let id = ValueID(rawValue: takeID())
    let free = Self.unique(name, among: &names)
    valueTable[id] = Value(id: id, name: free, type: type, constant: constant)
    return id
  }

  /// The wish, or the wish and the first number that makes a name nobody has.
  private static func unique(_ wish: String, among names: inout Set<String>) -> String {
    if names.insert(wish).inserted { return wish }
    var number = 2
    while !names.insert("\(wish)_\(number)").inserted { number += 1 }
    return "\(wish)_\(number)"
  }

  private mutating func takeID() -> Int {
    defer { nextID += 1 }
    return nextID
  }
}

extension Diagnostic.ID {
  /// A node whose operator refuses its operands.
  public static let graphInvalidNode: Self = "graph.invalid-node"
  /// A patch that would change the type of a value that others read.
  public static let graphTypeChanged: Self = "graph.type-changed"
  /// A patch or file whose nodes form a circle.
  public static let graphCycle: Self = "graph.cycle"
  /// A value that is read but never written.
  public static let graphDangling: Self = "graph.dangling-value"
}
