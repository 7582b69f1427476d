import Diagnostics
import Tensors

extension ModelCheck {
  /// One data field of the right kind and length, or external data that is there.
  mutating func checkTensor(_ tensor: Onnx_TensorProto, at place: Diagnostic.Location) {
    guard tensor.hasDataType, (1...26).contains(tensor.dataType) else {
      return report(.onnxInvalidTensor, "the tensor has no known element type", at: place)
    }
    let extents = tensor.dims.map { Int($0) }
    guard let count = Shape.checkedCount(extents) else {
      return report(
        .onnxInvalidTensor,
        "dimensions \(extents) are negative or too large",
        at: place
      )
    }
    guard tensor.dataLocation != .external else { return checkExternal(tensor, at: place) }
    let fields = Self.dataFields(of: tensor)
    guard fields.count <= 1, count == 0 || fields.count == 1 else {
      return report(
        .onnxInvalidTensor,
        "the tensor has \(fields.count) data fields, not one",
        at: place
      )
    }
    guard let (field, actual) = fields.first else { return }
    checkField(field, actual, of: tensor, count, at: place)
  }

  private mutating func checkExternal(
    _ tensor: Onnx_TensorProto,
    at place: Diagnostic.Location
  ) {
    guard tensor.externalData.contains(where: { $0.key == "location" && !$0.value.isEmpty }) else {
      return report(.onnxExternalData, "external data has no location", at: place)
    }
    guard external != nil, ONNXScalarType.type(of: Int(tensor.dataType)) != nil else { return }
    do { _ = try TensorDecoder(external: external).tensor(tensor, named: tensor.name) } catch {
      for diagnostic in ONNXChecker.diagnostics(of: error) {
        report(diagnostic.id, diagnostic.message, at: place, remedy: diagnostic.remedy)
      }
    }
  }

  private mutating func checkField(
    _ field: String,
    _ actual: Int,
    of tensor: Onnx_TensorProto,
    _ count: Int,
    at place: Diagnostic.Location
  ) {
    if field == "raw" {
      guard let type = ONNXScalarType.type(of: Int(tensor.dataType)) else { return }
      let (expected, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
      if overflow || actual != expected {
        report(
          .onnxInvalidTensor,
          "\(actual) bytes do not fill \(count) scalars of \(type.rawValue)",
          at: place
        )
      }
      return
    }
    guard let expected = Self.field(for: tensor.dataType) else { return }
    if field != expected {
      report(
        .onnxInvalidTensor,
        "the data is in field \(field)_data, not \(expected)_data",
        at: place
      )
    } else if ONNXScalarType.type(of: Int(tensor.dataType)) != nil, actual != count {
      report(.onnxInvalidTensor, "\(actual) values do not fill \(count) scalars", at: place)
    }
  }

  private static func dataFields(of tensor: Onnx_TensorProto) -> [(String, Int)] {
    let fields = [
      ("float", tensor.floatData.count), ("int32", tensor.int32Data.count),
      ("string", tensor.stringData.count), ("int64", tensor.int64Data.count),
      ("double", tensor.doubleData.count), ("uint64", tensor.uint64Data.count),
    ].filter { $0.1 > 0 }
    return tensor.hasRawData ? fields + [("raw", tensor.rawData.count)] : fields
  }

  /// Source: onnx-ml.proto, comments of TensorProto's data fields.
  private static func field(for code: Int32) -> String? {
    switch code {
    case 1, 14: "float"
    case 7: "int64"
    case 8: "string"
    case 11, 15: "double"
    case 12, 13: "uint64"
    default: "int32"
    }
  }
}
