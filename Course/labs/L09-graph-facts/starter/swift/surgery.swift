// Lab 9, second part: a network is cut, tapped and split, and what is left of it computes what it did.
// Helpers: TensorIO.swift, ONNXFile.swift

/// What is to be done: new names for the input and some outputs, or the value to split at.
struct Orders: Decodable {
  struct Output: Decodable {
    var value: String
    var name: String
  }
  var input: String?
  var outputs: [Output]?
  var at: String?
}

/// The nodes, in order, that some values depend on.
func needed(_ nodes: [Node], _ values: [String]) -> [Node] {
  var wanted = Set(values)
  var kept: [Node] = []
  //@fade 3 en: from the end to the front: who writes what is wanted is kept, and what it reads is wanted, too | zh-Hans: 从后往前：写出想要的值的节点留下，它读的值也成了想要的
  //@instead wanted.formUnion([])
  //@instead kept += []
  for node in nodes.reversed() where !wanted.isDisjoint(with: node.outputs) {
    wanted.formUnion(node.inputs)
    kept.append(node)
  }
  //@end
  return kept.reversed()
}

/// A model of some nodes that reads and gives some values.
func part(_ model: Model, _ nodes: [Node], _ inputs: [String], _ outputs: [String]) throws -> Model {
  let known = (model.inputs + model.outputs).map { ($0.name, $0.shape) }
  let shapes = model.shapes.merging(known) { $1 }
  func values(_ names: [String]) throws -> [Value] {
    try names.map { name in
      guard let shape = shapes[name] else { throw FileProblem(text: "no shape of '\(name)' is known") }
      return Value(name: name, shape: shape)
    }
  }
  let read = Set(nodes.flatMap(\.inputs))
  //@fade 3 en: only the constants that one of the nodes reads | zh-Hans: 只带上有节点读的常量
  //@instead _ = read
  //@instead let weights = model.weights
  let weights = model.weights.filter { read.contains($0.key) }
  //@end
  return Model(
    opset: model.opset, inputs: try values(inputs), outputs: try values(outputs), nodes: nodes,
    weights: weights, shapes: shapes)
}

/// Gives values other names wherever they stand.
func rename(_ model: inout Model, _ names: [String: String]) {
  func new(_ name: String) -> String { names[name] ?? name }
  for (index, node) in model.nodes.enumerated() {
    //@fade 3 en: where it is written and where it is read | zh-Hans: 写它的地方和读它的地方
    //@instead model.nodes[index] = node
    model.nodes[index].outputs = node.outputs.map(new)
    model.nodes[index].inputs = node.inputs.map(new)
    //@end
  }
  for index in model.inputs.indices { model.inputs[index].name = new(model.inputs[index].name) }
  for index in model.outputs.indices { model.outputs[index].name = new(model.outputs[index].name) }
}

/// What is left where only some outputs are wanted.
func cut(_ model: Model, _ orders: Orders) throws -> Model {
  let image = model.inputs[0].name
  let wanted = orders.outputs ?? []
  let outputs = wanted.map(\.value)
  var left = try part(model, needed(model.nodes, outputs), [image], outputs)
  var names = Dictionary(wanted.map { ($0.value, $0.name) }) { $1 }
  names[image] = orders.input
  rename(&left, names)
  return left
}

/// The part that one value depends on, and everything else; together they are the whole.
func split(_ model: Model, _ at: String) throws -> (first: Model, second: Model) {
  let image = model.inputs[0].name
  let outputs = model.outputs.map(\.name)
  let first = needed(model.nodes, [at])
  let done = Set(first.map(\.name))
  //@fade 3 en: what the outputs depend on and the first part has not computed already | zh-Hans: 输出依赖的、而第一部分还没有算过的
  //@instead _ = done
  //@instead let second: [Node] = []
  let second = needed(model.nodes, outputs).filter { !done.contains($0.name) }
  //@end
  //@fade 3 en: every value that is written in the first part and read in the second | zh-Hans: 在第一部分写出、在第二部分被读的每一个值
  //@instead let crossing = [at]
  let read = Set(second.flatMap(\.inputs))
  let crossing = first.flatMap(\.outputs).filter(read.contains)
  //@end
  return (try part(model, first, [image], crossing), try part(model, second, crossing, outputs))
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let model = try readONNX(folder, "model.onnx")
      let orders = try readJSON(Orders.self, folder, "orders.json")
      if let at = orders.at {
        let (first, second) = try split(model, at)
        try writeONNX(output, "first.onnx", first)
        try writeONNX(output, "second.onnx", second)
      } else {
        try writeONNX(output, "model.onnx", try cut(model, orders))
      }
    }
  }
}
