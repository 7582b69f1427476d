import Graphs
import Tensors
import TestSupport

/// Builds networks of random weights with little ceremony.
struct Network {
  var graph: Graph
  var random: SeededGenerator
  private var count = 0

  init(_ seed: Int, _ name: String = "test") {
    graph = Graph(name: name)
    random = SeededGenerator(seed: UInt64(seed))
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
  mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }
  mutating func pick<Item>(_ items: [Item]) -> Item { items[number(0...items.count - 1)] }

  /// Numbers between -1 and 1, times `scale`, plus `offset`.
  mutating func tensor(_ shape: Shape, _ scale: Float = 1, _ offset: Float = 0) throws -> Tensor {
    let values = (0..<shape.count).map { _ in
      Float.random(in: -1...1, using: &random) * scale + offset
    }
    return try Tensor(values, shape: shape)
  }

  mutating func input(_ name: String, _ dimensions: [Dimension], _ type: ScalarType = .float32)
    -> ValueID
  { graph.addInput(name, TensorType(type, dimensions)) }

  mutating func add(_ op: any Operator, _ inputs: ValueID?..., outputs: Int = 1) throws -> ValueID {
    try addAll(op, inputs)[0]
  }

  mutating func addAll(_ op: any Operator, _ inputs: [ValueID?]) throws -> [ValueID] {
    count += 1
    let name = "\(type(of: op).name)\(count)"
    return try graph.add(op, inputs, name: name, provenance: Provenance(nodes: [name]))
  }

  mutating func constant(_ tensor: Tensor) -> ValueID {
    count += 1
    return graph.addConstant("constant\(count)", tensor)
  }
  mutating func list(_ values: [Int]) throws -> ValueID {
    constant(try Tensor(values.map(Int64.init), shape: [values.count]))
  }

  func shape(_ id: ValueID) -> Shape { graph[id].type.shape ?? [] }

  /// A convolution of random weights, scaled so that results are about as large as operands.
  mutating func convolution(
    _ x: ValueID,
    to filters: Int,
    kernel: [Int] = [3, 3],
    strides: [Int] = [1, 1],
    pads: [Int]? = nil,
    dilations: [Int] = [1, 1],
    groups: Int = 1,
    autoPad: AutoPadding = .explicit,
    bias: Bool = true
  ) throws -> ValueID {
    let channels = graph[x].type.dimensions[1].value ?? 1
    let fan = channels / groups * kernel[0] * kernel[1]
    let weight = constant(
      try tensor([filters, channels / groups] + Shape(kernel), 1.7 / Float(fan).squareRoot())
    )
    let op = Conv(
      kernelShape: kernel,
      strides: strides,
      pads: pads ?? [kernel[0] / 2, kernel[1] / 2, kernel[0] / 2, kernel[1] / 2],
      dilations: dilations,
      groups: groups,
      autoPad: autoPad
    )
    return try add(op, x, weight, bias ? constant(try tensor([filters], 0.3)) : nil)
  }

  mutating func normalization(_ x: ValueID) throws -> ValueID {
    let channels = graph[x].type.dimensions[1].value ?? 1
    return try add(
      BatchNormalization(epsilon: 1e-3),
      x,
      constant(try tensor([channels], 0.3, 1)),
      constant(try tensor([channels], 0.3)),
      constant(try tensor([channels], 0.3)),
      constant(try tensor([channels], 0.3, 1))
    )
  }

  /// One head of random anchors, with its decoding.
  mutating func head(_ x: ValueID, anchors: Int, fields: Int, masks: Int, stride: Float) throws
    -> ValueID
  {
    let logits = try convolution(x, to: anchors * fields, kernel: [1, 1])
    let sizes = (0..<2 * anchors).map { _ in Float.random(in: 5...60, using: &random) }
    let op = DetectDecode(
      strides: [stride, stride],
      anchors: sizes,
      sigmoidFields: fields - masks
    )
    return try add(op, logits)
  }
}

extension Shape {
  static func + (left: Shape, right: Shape) -> Shape { Shape(left.dimensions + right.dimensions) }
}
