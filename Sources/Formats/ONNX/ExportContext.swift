import Diagnostics
import Graphs
import Tensors

/// The nodes and constants that a writer is about to write, by name.
struct ExportContext {
  /// The operator set to write.
  let opset: Int
  private(set) var nodes: [NodeForm] = []
  private(set) var notes: [String] = []
  private var values: [String: Value]
  private var added: [String: Tensor] = [:]
  private var taken: Set<String>
  /// What the nodes being added stand for.
  var note = ""

  init(_ graph: Graph, opset: Int) {
    self.opset = opset
    let all = graph.values
    values = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    taken = Set(all.map(\.name))
  }

  /// What is known of a value of the graph; nil for one made while lowering.
  func type(of name: String) -> TensorType? { values[name]?.type }

  /// The contents of a constant, of the graph or made while lowering.
  func tensor(_ name: String) -> Tensor? { added[name] ?? values[name]?.constant }

  /// The contents of an operand, if it is a constant.
  func constant(_ form: NodeForm, _ index: Int) -> Tensor? {
    form.input(index).flatMap { tensor($0) }
  }

  /// The integers of a constant operand that the older form has as an attribute.
  func integers(_ form: NodeForm, _ index: Int, _ name: String) throws -> [Int] {
    guard let tensor = constant(form, index) else {
      throw tooOld(form, "with computed \(name)", needs: 18)
    }
    return try tensor.integers()
  }

  /// The error for what the asked-for operator set cannot say.
  func tooOld(_ form: NodeForm, _ what: String, needs opset: Int) -> DeployError {
    form.failure(
      .onnxOpsetTooOld,
      "\(what) needs opset \(opset), not \(self.opset)",
      remedy: "export with --opset \(opset) or later"
    )
  }

  mutating func append(_ form: NodeForm) {
    nodes.append(form)
    notes.append(note)
  }

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

  mutating func freshConstant(_ wish: String, _ tensor: Tensor) throws -> String {
    let name = freshName(wish)
    added[name] = tensor
    return name
  }

  mutating func freshIntegers(_ wish: String, _ values: [Int]) throws -> String {
    try freshConstant(wish, Tensor(values.map(Int64.init), shape: [values.count]))
  }

  /// Adds a node of one result before the one being lowered.
  mutating func freshNode(
    _ type: String,
    _ inputs: [String],
    _ attributes: [String: Attribute] = [:],
    named wish: String
  ) -> String {
    let name = freshName(wish)
    append(
      NodeForm(name: wish, type: type, inputs: inputs, outputs: [name], attributes: attributes)
    )
    return name
  }
}
