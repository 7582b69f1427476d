// Lab 9: what a network's list of nodes says about its size, its work, its memory and what it sees.
// Helpers: TensorIO.swift

struct Graph: Decodable {
  struct Node: Decodable {
    var name: String
    var op: String
    var inputs: [String]
    // What only some operators have.
    var kernel: Int?
    var stride: Int?
    var pad: Int?
    var groups: Int?
    var channels: Int?
    var bias: Bool?
  }
  var input: [Int]
  var nodes: [Node]
  var outputs: [String]
}

struct Facts: Encodable {
  var shapes: [String: [Int]]
  var parameters = 0
  var multiplyAdds = 0
  var bytes = 0
  var receptiveField = 1
  var operators: [String: Int] = [:]
  var dead: [String] = []
}

/// How many places a window has along one axis.
func windowed(_ extent: Int, _ kernel: Int, _ stride: Int, _ pad: Int) -> Int {
  //@fade 3 en: the padded extent, less the window, in whole strides, plus the first place | zh-Hans: 补边后的长度减去窗口，按步长取整，再加上第一个位置
  //@instead return extent
  return (extent + 2 * pad - kernel) / stride + 1
  //@end
}

/// The shape [N, C, H, W] of what a node gives.
func resultShape(_ node: Graph.Node, _ shapes: [String: [Int]]) -> [Int] {
  let sources = node.inputs.compactMap { shapes[$0] }
  var shape = sources[0]
  if let kernel = node.kernel, let stride = node.stride, let pad = node.pad {
    // Conv and MaxPool have a window.
    shape[2] = windowed(shape[2], kernel, stride, pad)
    shape[3] = windowed(shape[3], kernel, stride, pad)
  }
  if let channels = node.channels { shape[1] = channels }
  //@fade 2 en: Concat puts the channels of its sources one after the other | zh-Hans: Concat 把各个来源的通道接在一起
  if node.op == "Concat" { shape[1] = sources.reduce(0) { $0 + $1[1] } }
  //@end
  return shape
}

/// Parameters and multiply-adds of a convolution.
func convolutionCost(_ node: Graph.Node, _ source: [Int], _ result: [Int]) -> (parameters: Int, work: Int) {
  let (kernel, groups) = (node.kernel ?? 1, node.groups ?? 1)
  //@fade 3 en: weights for one output channel: it sees only the inputs of its own group | zh-Hans: 一个输出通道的权重个数：它只看自己那一组的输入
  //@instead let perChannel = 0 * source[1] * kernel * groups
  let perChannel = source[1] / groups * kernel * kernel
  //@end
  let parameters = perChannel * result[1] + (node.bias == true ? result[1] : 0)
  //@fade 3 en: each number of the result takes so many multiply-adds | zh-Hans: 结果里的每个数要做这么多次乘加
  //@instead let work = 0
  let work = perChannel * result[1] * result[2] * result[3]
  //@end
  return (parameters, work)
}

/// How far a number of some value sees.
struct Sight {
  /// Pixels of the picture from the first to the last that it can depend on.
  var field = 1
  /// Pixels from one number to the next.
  var distance = 1
}

/// How many pixels wide a part of the picture one number of an output can depend on, edges aside.
func receptiveField(_ nodes: [Graph.Node], _ output: String) -> Int {
  var seen = ["image": Sight()]
  for node in nodes {
    // Of several sources, the one that sees most counts; all of them have the same distance.
    let sources = node.inputs.compactMap { seen[$0] }
    var sight = sources[0]
    sight.field = sources.map(\.field).max() ?? 1
    //@fade 3 en: a window adds the pixels from its first place to its last; its stride moves neighbours further apart | zh-Hans: 窗口增加的是从它第一个位置到最后一个位置的像素；步长让相邻的数离得更远
    if let kernel = node.kernel, let stride = node.stride {
      sight.field += (kernel - 1) * sight.distance
      sight.distance *= stride
    }
    //@end
    seen[node.name] = sight
  }
  return seen[output]?.field ?? 1
}

/// The names of the nodes from which no way leads to an output.
func deadNodes(_ nodes: [Graph.Node], _ outputs: [String]) -> [String] {
  var alive = Set(outputs)
  //@fade 3 en: from the end to the front: what a living node reads is alive | zh-Hans: 从后往前：活着的节点读的东西也活着
  //@instead alive.formUnion(outputs)
  for node in nodes.reversed() where alive.contains(node.name) {
    alive.formUnion(node.inputs)
  }
  //@end
  return nodes.map(\.name).filter { !alive.contains($0) }.sorted()
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let graph = try readJSON(Graph.self, folder, "graph.json")
      var facts = Facts(shapes: ["image": graph.input])
      for node in graph.nodes {
        let shape = resultShape(node, facts.shapes)
        facts.shapes[node.name] = shape
        facts.operators[node.op, default: 0] += 1
        facts.bytes += 4 * shape.reduce(1, *)
        if node.op == "Conv", let source = facts.shapes[node.inputs[0]] {
          let cost = convolutionCost(node, source, shape)
          facts.parameters += cost.parameters
          facts.multiplyAdds += cost.work
        }
      }
      facts.shapes["image"] = nil
      facts.receptiveField = receptiveField(graph.nodes, graph.outputs[0])
      facts.dead = deadNodes(graph.nodes, graph.outputs)
      try writeJSON(output, "facts.json", facts)
    }
  }
}
