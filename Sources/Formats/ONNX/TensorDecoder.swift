import Diagnostics
import FoundationEssentials
import Tensors

/// Turns a TensorProto into a tensor, checking every length before allocating.
struct TensorDecoder {
  /// The folder's files, or nil where the model came from memory.
  let external: ExternalData?

  func tensor(_ proto: Onnx_TensorProto, named name: String) throws -> Tensor {
    let location = Diagnostic.Location.value(name)
    let type = try ONNXScalarType.required(proto.dataType, at: location)
    let shape = try Self.shape(proto.dims, type, at: location)
    if proto.dataLocation == .external {
      return try mapped(proto, shape, type, at: location)
    }
    if proto.hasRawData {
      return try proto.rawData.withUnsafeBytes { bytes in
        guard bytes.count == shape.count * type.byteCount else {
          throw Self.wrongCount("\(bytes.count) bytes", shape, type, location)
        }
        return try Tensor(copying: bytes, shape: shape, scalarType: type)
      }
    }
    return try typed(proto, shape, type, location)
  }

  private func mapped(
    _ proto: Onnx_TensorProto,
    _ shape: Shape,
    _ type: ScalarType,
    at location: Diagnostic.Location
  ) throws -> Tensor {
    guard let external else {
      throw DeployError(
        .onnxExternalData,
        "the data lies in another file, but the model was given as bytes",
        at: location,
        remedy: "read the model from its path"
      )
    }
    return try external.tensor(proto, shape: shape, scalarType: type, at: location)
  }

  /// The shape, whose size in bytes is known not to overflow.
  static func shape(
    _ dims: [Int64],
    _ type: ScalarType,
    at location: Diagnostic.Location
  ) throws -> Shape {
    let extents = dims.map { Int($0) }
    guard Shape.checkedCount(extents + [type.byteCount]) != nil else {
      throw DeployError(
        .onnxInvalidTensor,
        "dimensions \(extents) are negative or too large",
        at: location,
        remedy: "the file is damaged: export the model again"
      )
    }
    return Shape(extents)
  }

  private func typed(
    _ proto: Onnx_TensorProto,
    _ shape: Shape,
    _ type: ScalarType,
    _ location: Diagnostic.Location
  ) throws -> Tensor {
    func make<Source, Scalar: TensorScalar>(
      _ values: [Source],
      _ convert: (Source) -> Scalar
    ) throws -> Tensor {
      guard values.count == shape.count else {
        throw Self.wrongCount("\(values.count) values", shape, type, location)
      }
      return try Tensor(values.map(convert), shape: shape)
    }
    let words = proto.int32Data
    switch type {
    case .float32: return try make(proto.floatData) { $0 }
    case .float64: return try make(proto.doubleData) { $0 }
    case .int64: return try make(proto.int64Data) { $0 }
    case .int32: return try make(words) { $0 }
    case .int16: return try make(words) { Int16(truncatingIfNeeded: $0) }
    case .int8: return try make(words) { Int8(truncatingIfNeeded: $0) }
    case .uint8: return try make(words) { UInt8(truncatingIfNeeded: $0) }
    case .bool: return try make(words) { $0 != 0 }
    case .float16:
      return try make(words) { Float16(bitPattern: UInt16(truncatingIfNeeded: $0)) }
    case .bfloat16:
      return try make(words) { BFloat16(bitPattern: UInt16(truncatingIfNeeded: $0)) }
    }
  }

  static func wrongCount(
    _ actual: String,
    _ shape: Shape,
    _ type: ScalarType,
    _ location: Diagnostic.Location
  ) -> DeployError {
    DeployError(
      .onnxInvalidTensor,
      "\(actual) do not fill \(type.rawValue)\(shape)",
      at: location,
      remedy: "the file is damaged: export the model again"
    )
  }
}
