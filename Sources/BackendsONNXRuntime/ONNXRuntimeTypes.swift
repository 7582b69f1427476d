import Backends
import CONNXRuntime
import Diagnostics
import Graphs
import Tensors

extension ScalarType {
  /// The element type of a TensorProto data type number. Source: ONNX, TensorProto.DataType.
  init?(onnxNumber: Int32) {
    switch onnxNumber {
    case 1: self = .float32
    case 2: self = .uint8
    case 3: self = .int8
    case 5: self = .int16
    case 6: self = .int32
    case 7: self = .int64
    case 9: self = .bool
    case 10: self = .float16
    case 11: self = .float64
    case 16: self = .bfloat16
    default: return nil
    }
  }

  /// The TensorProto data type number.
  var onnxNumber: Int32 {
    switch self {
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
}

extension ONNXRuntimeLibrary {
  /// The inputs (or outputs) of a loaded network.
  /// - Throws: `backend.failed`, for example for a type that is no tensor of numbers.
  func bindings(of session: OpaquePointer, outputs: Bool) throws -> [Binding] {
    var count = 0
    let side: Int32 = outputs ? 1 : 0
    try call.check("count bindings", vtOrtBindingCount(table, session, side, &count))
    return try (0..<count).map { index in
      var text: UnsafeMutablePointer<CChar>?
      try call.check(
        "name a binding",
        vtOrtBindingName(table, session, side, index, allocator, &text)
      )
      let name = takeText(text)
      let info = try call.create("type description") {
        vtOrtBindingType(table, session, side, index, &$0)
      }
      defer { vtOrtReleaseTypeInfo(table, info) }
      var tensor: OpaquePointer?
      try call.check("read a type", vtOrtTensorInfoOfType(table, info, &tensor))
      guard let tensor else {
        throw DeployError(.backendFailed, "is not a tensor", at: .value(name))
      }
      return Binding(name: name, type: try type(tensor, of: name))
    }
  }

  /// The shape and element type that a value has.
  /// - Throws: `backend.failed`.
  func type(ofValue value: OpaquePointer, named name: String) throws -> TensorType {
    var isTensor: Int32 = 0
    try call.check("look at a result", vtOrtIsTensor(table, value, &isTensor))
    guard isTensor != 0 else {
      throw DeployError(.backendFailed, "is not a tensor", at: .value(name))
    }
    let info = try call.create("type description") { vtOrtTensorInfoOfValue(table, value, &$0) }
    defer { vtOrtReleaseTensorInfo(table, info) }
    return try type(info, of: name)
  }

  private func type(_ info: OpaquePointer, of name: String) throws -> TensorType {
    var number: Int32 = 0
    var rank = 0
    try call.check("read a type", vtOrtElementType(table, info, &number))
    try call.check("read a rank", vtOrtRank(table, info, &rank))
    guard let scalarType = ScalarType(onnxNumber: number) else {
      throw DeployError(
        .backendFailed,
        "has ONNX element type \(number), which tensors here cannot hold",
        at: .value(name)
      )
    }
    var extents = [Int64](repeating: 0, count: rank)
    var symbols = [UnsafePointer<CChar>?](repeating: nil, count: rank)
    try call.check("read a shape", vtOrtDimensions(table, info, &extents, rank))
    try call.check("read a shape", vtOrtSymbols(table, info, &symbols, rank))
    let dimensions = zip(extents, symbols).map { extent, symbol -> Dimension in
      if extent >= 0 { return .fixed(Int(extent)) }
      let name = symbol.map { String(cString: $0) } ?? ""
      return name.isEmpty ? .unknown : .symbol(name)
    }
    return TensorType(scalarType, dimensions)
  }
}
