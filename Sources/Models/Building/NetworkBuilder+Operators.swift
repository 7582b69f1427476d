import Graphs

extension Attribute {
  /// Integers as ONNX stores them.
  static func integers(_ values: [Int]) -> Attribute { .ints(values.map(Int64.init)) }
  /// An integer as ONNX stores it.
  static func integer(_ value: Int) -> Attribute { .int(Int64(value)) }
}

extension NetworkBuilder {
  /// The inputs one after another along an axis.
  mutating func concat(
    _ inputs: [ValueID],
    axis: Int = 1,
    of module: Module,
    part: String? = nil
  ) throws -> ValueID {
    try apply("Concat", ["axis": .integer(axis)], inputs, of: module, part: part)
  }

  mutating func add(
    _ left: ValueID,
    _ right: ValueID,
    of module: Module,
    part: String? = nil
  ) throws -> ValueID {
    try apply("Add", [:], [left, right], of: module, part: part)
  }

  mutating func multiply(
    _ left: ValueID,
    _ right: ValueID,
    of module: Module,
    part: String? = nil
  ) throws -> ValueID {
    try apply("Mul", [:], [left, right], of: module, part: part)
  }

  /// The elements in another shape: 0 keeps an extent, −1 stands for the rest.
  mutating func reshape(
    _ value: ValueID,
    _ extents: [Int],
    of module: Module,
    part: String
  ) throws -> ValueID {
    let shape = try integers(extents)
    return try apply("Reshape", [:], [value, shape], of: module, part: part)
  }

  mutating func transpose(
    _ value: ValueID,
    _ permutation: [Int],
    of module: Module,
    part: String
  ) throws -> ValueID {
    try apply("Transpose", ["perm": .integers(permutation)], [value], of: module, part: part)
  }

  /// Every `step`-th row and column from the given ones, of [N, C, H, W].
  mutating func cells(
    _ value: ValueID,
    fromRow row: Int,
    column: Int,
    step: Int,
    of module: Module
  ) throws -> ValueID {
    let operands = [
      value, try integers([row, column]), try integers([Int(Int32.max), Int(Int32.max)]),
      try integers([2, 3]), try integers([step, step]),
    ]
    return try apply("Slice", [:], operands, of: module, part: "slice\(row)\(column)")
  }

  /// Sums over the channels by a trained matrix [out, in], for values whose last axis is `in`.
  mutating func linear(_ module: Module, _ value: ValueID) throws -> ValueID {
    let matrix = try module.transposedWeight("weight")
    let constant = graph.addConstant(module.path + ".weight", matrix)
    let bias = try module.optionalWeight("bias")
    let part = bias == nil ? nil : "matmul"
    let product = try apply("MatMul", [:], [value, constant], of: module, part: part)
    guard let bias else { return product }
    return try add(product, graph.addConstant(module.path + ".bias", bias), of: module)
  }
}
