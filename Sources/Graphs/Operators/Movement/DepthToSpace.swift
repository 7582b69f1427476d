import Diagnostics
public import Tensors

/// Channels rearranged into blocks of pixels. X `[N, C, H, W]`, result
/// `[N, C / b², b·H, b·W]`. Source: ONNX DepthToSpace, opset 13.
public struct DepthToSpace: Operator {
  /// The ONNX `op_type`.
  public static let name = "DepthToSpace"
  /// The extent b of a block.
  public let blockSize: Int
  /// Whether the block is inside the channel (`CRD`) or outside it (`DCR`).
  public let isColumnRowDepth: Bool
  /// Creates the operator.
  public init(blockSize: Int, isColumnRowDepth: Bool = false) {
    self.blockSize = blockSize
    self.isColumnRowDepth = isColumnRowDepth
  }
  /// Reads `blocksize` and `mode`.
  public init(attributes: Attributes, outputCount: Int) throws {
    blockSize = try attributes.int("blocksize", default: 0)
    isColumnRowDepth = try attributes.string("mode", default: "DCR") == "CRD"
  }
  /// `blocksize` and `mode`.
  public var attributes: [String: Attribute] {
    ["blocksize": .int(Int64(blockSize)), "mode": .string(isColumnRowDepth ? "CRD" : "DCR")]
  }
  /// `[N, C / b², b·H, b·W]`.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkBlocks(x, blockSize, of: Self.name)
    let square = blockSize * blockSize
    guard (x.dimensions[1].value ?? 0) % square == 0 else {
      throw DeployError.operand("the channels of \(x) are no multiple of \(square)")
    }
    let block = Dimension.fixed(blockSize)
    let channels = x.dimensions[1].value.map { Dimension.fixed($0 / square) } ?? .unknown
    let spatial = try x.dimensions[2...].map { try product([$0, block]) }
    return [TensorType(x.scalarType, [x.dimensions[0], channels] + spatial)]
  }
  /// A copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let (n, c, b) = (x.shape[0], shape[1], blockSize)
    let (h, w) = (x.shape[2], x.shape[3])
    let split: Shape = isColumnRowDepth ? [n, c, b, b, h, w] : [n, b, b, c, h, w]
    let order = isColumnRowDepth ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
    let offsets = try x.reshaped(to: split).axisOffsets
    return [try x.collected(order.map { offsets[$0] }).reshaped(to: shape)]
  }
}

/// - Throws: `graph.invalid-operand` where blocks do not fit the operand.
func checkBlocks(_ x: TensorType, _ blockSize: Int, of name: String) throws {
  guard x.rank == 4, blockSize > 0, blockSize < 1 << 15 else {
    throw DeployError.operand("\(name) with blocks of \(blockSize) does not take \(x)")
  }
}
