import Graphs
import Tensors

/// `TransformerLayer` on [N, L, C]: self-attention and two linear maps, each with a shortcut.
enum TransformerLayerKind: ModuleKind {
  static let names = ["TransformerLayer"]
  static let submodules: Set<String>? = ["q", "k", "v", "ma", "fc1", "fc2", "dropout"]

  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let input = try inputs.single(of: module)
    let parts = try ["q", "k", "v"].map { try network.lower(module.child($0), input) }
    let attended = try attention(module.child("ma"), parts, in: &network)
    let middle = try network.add(attended, input, of: module, part: "add1")
    let inner = try network.lower(module.child("fc1"), middle)
    let value = try network.lower(module.child("fc2"), inner)
    return try network.add(value, middle, of: module, part: "add2")
  }

  /// softmax(q kᵀ / √d) v per head, then the output map. Source: torch.nn.MultiheadAttention.
  private static func attention(
    _ module: Module,
    _ sources: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    guard module.kind == "MultiheadAttention" else { throw network.catalog.unsupported(module) }
    let heads = try module.int("num_heads")
    let channels = try network.knownExtent(2, of: sources[0], in: module)
    guard heads > 0, channels % heads == 0, module.optionalTensor("in_proj_weight") != nil,
      module.optionalTensor("bias_k") == nil, !module.bool("add_zero_attn", default: false)
    else { throw module.unsupported("these settings") }
    var parts: [ValueID] = []
    for (index, name) in ["q", "k", "v"].enumerated() {
      let range = index * channels..<(index + 1) * channels
      let projected = try projection(of: module, sources[index], range, name, in: &network)
      // q, v: [N, L, C] → [N, heads, L, d]; k: → [N, heads, d, L].
      let split = try network.reshape(
        projected,
        [0, -1, heads, channels / heads],
        of: module,
        part: "\(name).heads"
      )
      let order = name == "k" ? [0, 2, 3, 1] : [0, 2, 1, 3]
      parts.append(try network.transpose(split, order, of: module, part: "\(name).order"))
    }
    let scale = network.number(1 / Float(channels / heads).squareRoot())
    let query = try network.multiply(parts[0], scale, of: module, part: "scale")
    var scores = try network.apply(
      "MatMul",
      [:],
      [query, parts[1]],
      of: module,
      part: "scores"
    )
    scores = try network.apply(
      "Softmax",
      ["axis": .int(-1)],
      [scores],
      of: module,
      part: "softmax"
    )
    var value = try network.apply(
      "MatMul",
      [:],
      [scores, parts[2]],
      of: module,
      part: "attend"
    )
    value = try network.transpose(value, [0, 2, 1, 3], of: module, part: "order")
    value = try network.reshape(value, [0, -1, channels], of: module, part: "merge")
    return try network.linear(module.child("out_proj"), value)
  }

  private static func projection(
    of module: Module,
    _ source: ValueID,
    _ range: Range<Int>,
    _ name: String,
    in network: inout NetworkBuilder
  ) throws -> ValueID {
    let matrix = network.graph.addConstant(
      "\(module.path).\(name).weight",
      try module.transposedWeight("in_proj_weight", rows: range)
    )
    let product = try network.apply(
      "MatMul",
      [:],
      [source, matrix],
      of: module,
      part: "\(name).matmul"
    )
    guard let part = try module.weightPart("in_proj_bias", range) else { return product }
    let bias = network.graph.addConstant("\(module.path).\(name).bias", part)
    return try network.add(product, bias, of: module, part: name)
  }
}
