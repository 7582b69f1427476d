import Diagnostics
import Graphs
import Tensors

/// The graph that a reader is building, by the file's value names.
struct ImportContext {
  /// The imported version of the standard operator set.
  let opset: Int
  private let catalog: OperatorCatalog
  private(set) var graph: Graph
  private var ids: [String: ValueID] = [:]
  /// Every value name of the file, so that a fresh name meets none that comes later.
  private var taken: Set<String>
  private var nodeNames: Set<String> = []
  /// What the nodes being added stand for.
  var provenance = Provenance()

  init(name: String, opset: Int, catalog: OperatorCatalog, taken: Set<String>) {
    graph = Graph(name: name)
    self.opset = opset
    self.catalog = catalog
    self.taken = taken
  }

  /// Whether a value of that name exists by now.
  func has(_ name: String) -> Bool { ids[name] != nil }
  /// What is known of a value.
  func type(of name: String) -> TensorType? { ids[name].map { graph[$0].type } }
  /// The contents of a constant; nil for values that are computed.
  func constant(_ name: String) -> Tensor? { ids[name].flatMap { graph[$0].constant } }

  // MARK: Named as in the file

  mutating func addInput(_ name: String, _ type: TensorType) throws {
    try claim(name)
    ids[name] = graph.addInput(name, type)
  }

  mutating func addConstant(_ name: String, _ tensor: Tensor) throws {
    try claim(name)
    ids[name] = graph.addConstant(name, tensor)
  }

  mutating func markOutput(_ name: String) throws {
    guard let id = ids[name] else { throw unwritten(name, readBy: "the graph as an output") }
    graph.markOutput(id)
  }

  mutating func refine(_ name: String, to type: TensorType) {
    if let id = ids[name] { graph.refine(id, to: type) }
  }

  mutating func describe(_ contract: ModelContract?, _ metadata: [String: String]) {
    graph.contract = contract
    graph.metadata = metadata
  }

  /// Adds a node in the form of opset 21.
  mutating func emit(_ form: NodeForm) throws {
    guard let type = catalog[form.type] else {
      throw form.failure(.onnxUnsupportedOperator, "is not in the operator catalogue")
    }
    let op: any Operator
    do {
      op = try type.init(
        attributes: Attributes(form.attributes),
        outputCount: form.outputs.count
      )
    } catch {
      throw DeployError(
        .onnxInvalidAttribute,
        "\(form.type) has attributes that it does not understand",
        at: .node(form.name),
        cause: error
      )
    }
    let inputs = try form.inputs.map { name -> ValueID? in
      if name.isEmpty { return nil }
      guard let id = ids[name] else { throw unwritten(name, readBy: "node '\(form.name)'") }
      return id
    }
    for output in form.outputs where !output.isEmpty { try claim(output) }
    let written = try graph.add(
      op,
      inputs,
      name: uniqueNodeName(form.name),
      outputNames: form.outputs,
      provenance: provenance
    )
    guard written.count >= form.outputs.count else {
      throw form.failure(
        .onnxOperandCount,
        "names \(form.outputs.count) results but has \(written.count)"
      )
    }
    for (name, id) in zip(form.outputs, written) where !name.isEmpty { ids[name] = id }
  }

  // MARK: Made while lifting

  /// A value name that nothing else has.
  mutating func freshName(_ wish: String) -> String {
    var name = wish
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(wish)_\(number)"
      number += 1
    }
    return name
  }

  /// Adds a constant that the file does not have.
  mutating func freshConstant(_ wish: String, _ tensor: Tensor) throws -> String {
    let name = freshName(wish)
    ids[name] = graph.addConstant(name, tensor)
    return name
  }

  /// Adds a constant list of integers, [count].
  mutating func freshIntegers(_ wish: String, _ values: [Int]) throws -> String {
    let tensor = try Tensor(values.map(Int64.init), shape: [values.count])
    return try freshConstant(wish, tensor)
  }

  /// Adds a node of one result before the one being lifted.
  mutating func freshNode(
    _ type: String,
    _ inputs: [String],
    _ attributes: [String: Attribute] = [:],
    named wish: String
  ) throws -> String {
    let name = freshName(wish)
    let form = NodeForm(
      name: wish,
      type: type,
      inputs: inputs,
      outputs: [name],
      attributes: attributes
    )
    try emit(form)
    return name
  }

  private mutating func uniqueNodeName(_ wish: String) -> String {
    var name = wish
    var number = 2
    while !nodeNames.insert(name).inserted {
      name = "\(wish)_\(number)"
      number += 1
    }
    return name
  }

  private func claim(_ name: String) throws {
    guard ids[name] != nil else { return }
    throw DeployError(
      .onnxNotSSA,
      "is written more than once",
      at: .value(name),
      remedy: "give every value a name of its own"
    )
  }

  private func unwritten(_ name: String, readBy reader: String) -> DeployError {
    DeployError(
      .onnxNotSorted,
      "is read by \(reader) but not written before it",
      at: .value(name),
      remedy: "sort the nodes so that each stands after those that it reads"
    )
  }
}
