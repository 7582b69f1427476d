import Diagnostics
import Graphs
import Tensors

/// Types of values between their file form and ``TensorType``.
enum TypeCoding {
  /// The stated type, or nil where the file leaves out the shape.
  static func type(_ info: Onnx_ValueInfoProto) throws -> TensorType? {
    guard case .tensorType(let tensor)? = info.type.value else {
      guard info.type.value == nil else {
        throw DeployError(
          .onnxUnsupportedType,
          "is not a tensor but a sequence, map or optional",
          at: .value(info.name)
        )
      }
      return nil
    }
    let scalarType = try ONNXScalarType.required(tensor.elemType, at: .value(info.name))
    guard tensor.hasShape else { return nil }
    return TensorType(scalarType, try tensor.shape.dim.map { try dimension($0, of: info.name) })
  }

  private static func dimension(
    _ proto: Onnx_TensorShapeProto.Dimension,
    of name: String
  ) throws -> Dimension {
    switch proto.value {
    case .dimValue(let value)?:
      guard value >= 0 else {
        throw DeployError(
          .onnxIncomplete,
          "has the negative dimension \(value)",
          at: .value(name),
          remedy: "give the dimension a name instead"
        )
      }
      return .fixed(Int(value))
    case .dimParam(let symbol)?: return symbol.isEmpty ? .unknown : .symbol(symbol)
    case nil: return .unknown
    }
  }

  /// The file form.
  static func info(_ name: String, _ type: TensorType) -> Onnx_ValueInfoProto {
    var tensor = Onnx_TypeProto.Tensor()
    tensor.elemType = ONNXScalarType.code(of: type.scalarType)
    tensor.shape = Onnx_TensorShapeProto()
    tensor.shape.dim = type.dimensions.map { dimension in
      var proto = Onnx_TensorShapeProto.Dimension()
      switch dimension {
      case .fixed(let value): proto.dimValue = Int64(value)
      case .symbol(let symbol): proto.dimParam = symbol
      case .unknown: break
      }
      return proto
    }
    var info = Onnx_ValueInfoProto()
    info.name = name
    info.type.tensorType = tensor
    return info
  }
}
