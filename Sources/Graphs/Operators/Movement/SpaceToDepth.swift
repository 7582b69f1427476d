import Diagnostics
public import Tensors

/// Blocks of pixels rearranged into channels. X `[N, C, H, W]`, result
/// `[N, b²·C, H / b, W / b]`. Source: ONNX SpaceToDepth, opset 13.
public struct SpaceToDepth: Operator {
  /// The ONNX `op_type`.
  public static let name = "SpaceToDepth"
  /// The extent b of a block.
  public let blockSize: Int
  /// Creates the operator.
  public init(blockSize: Int) { self.blockSize = blockSize }
  /// Reads `blocksize`.
  public init(attributes: Attributes, outputCount: Int) throws {
    blockSize = try attributes.int("blocksize", default: 0)
  }
  /// `blocksize`.
  public var attributes: [String: Attribute] { ["blocksize": .int(Int64(blockSize))] }
  /// `[N, b²·C, H / b, W / b]`.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkBlocks(x, blockSize, of: Self.name)
    let spatial = try x.dimensions[2...].map { extent -> Dimension in
      guard let value = extent.value else { return blockSize == 1 ? extent : .unknown }
      guard value % blockSize == 0 else {
        throw DeployError.operand("an extent of \(x) is no multiple of \(blockSize)")
      }
      return .fixed(value / blockSize)
    }
    let channels = try product([x.dimensions[1], .fixed(blockSize * blockSize)])
    return [TensorType(x.scalarType, [x.dimensions[0], channels] + spatial)]
  }
  /// A copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let b = blockSize
    let split = Shape([x.shape[0], x.shape[1], shape[2], b, shape[3], b])
    let offsets = try x.reshaped(to: split).axisOffsets
    return [try x.collected([0, 3, 5, 1, 2, 4].map { offsets[$0] }).reshaped(to: shape)]
  }
}
