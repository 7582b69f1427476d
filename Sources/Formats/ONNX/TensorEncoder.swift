import FoundationEssentials
import Tensors

/// Tensors in their file form: a header of known length, then the raw bytes.
enum TensorEncoder {
  /// Everything but the data.
  static func header(_ tensor: Tensor, named name: String) -> Onnx_TensorProto {
    var proto = Onnx_TensorProto()
    proto.dims = tensor.shape.dimensions.map(Int64.init)
    proto.dataType = ONNXScalarType.code(of: tensor.scalarType)
    if !name.isEmpty { proto.name = name }
    return proto
  }

  /// Header and data in memory, for small tensors.
  static func whole(_ tensor: Tensor, named name: String) throws -> Onnx_TensorProto {
    var proto = header(tensor, named: name)
    proto.rawData = try tensor.withBytes { Data($0) }
    return proto
  }
}
