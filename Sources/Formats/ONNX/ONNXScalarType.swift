import Diagnostics
import Tensors

/// Element types as ONNX numbers them. Source: onnx-ml.proto, TensorProto.DataType.
enum ONNXScalarType {
  static func code(of type: ScalarType) -> Int32 {
    switch type {
    case .float32: 1
    case .uint8: 2
    case .int8: 3
    case .int16: 5
    case .int32: 6
    case .int64: 7
    case .bool: 9
    case .float16: 10
    case .float64: 11
    case .bfloat16: 16
    }
  }

  /// The element type, or nil where tensors cannot hold it (texts, complex, unsigned words).
  static func type(of code: Int) -> ScalarType? {
    ScalarType.allCases.first { Int(self.code(of: $0)) == code }
  }

  static func required(_ code: Int32, at location: Diagnostic.Location?) throws -> ScalarType {
    if let type = type(of: Int(code)) { return type }
    throw DeployError(
      .onnxUnsupportedType,
      "element type \(name(of: code)) is not supported",
      at: location,
      remedy: "export the model with one of "
        + ScalarType.allCases.map(\.rawValue).joined(separator: ", ")
    )
  }

  private static func name(of code: Int32) -> String {
    let others: [Int32: String] = [
      0: "undefined", 4: "uint16", 8: "string", 12: "uint32", 13: "uint64", 14: "complex64",
      15: "complex128", 21: "uint4", 22: "int4",
    ]
    return others[code] ?? "number \(code)"
  }
}
