import Backends
import COpenVINO
import Diagnostics
import Graphs
import Tensors

extension ScalarType {
  /// The element type of a number of OpenVINO's C interface.
  /// Source: OpenVINO 2025 and newer, `ov_element_type_e`.
  init?(openVINONumber: Int32) {
    switch openVINONumber {
    case 1: self = .bool
    case 2: self = .bfloat16
    case 3: self = .float16
    case 4: self = .float32
    case 5: self = .float64
    case 7: self = .int8
    case 8: self = .int16
    case 9: self = .int32
    case 10: self = .int64
    case 16: self = .uint8
    default: return nil
    }
  }

  /// The number in OpenVINO's C interface.
  var openVINONumber: Int32 {
    switch self {
    case .bool: 1
    case .bfloat16: 2
    case .float16: 3
    case .float32: 4
    case .float64: 5
    case .int8: 7
    case .int16: 8
    case .int32: 9
    case .int64: 10
    case .uint8: 16
    }
  }
}

extension OpenVINOLibrary {
  /// The inputs (or outputs) of a built network.
  /// - Throws: `backend.failed`, for example for a type that tensors cannot hold.
  func bindings(of network: OpaquePointer, outputs: Bool) throws -> [Binding] {
    let side: Int32 = outputs ? 1 : 0
    var count = 0
    try call.check("count bindings", vtOvPortCount(table, network, side, &count))
    return try (0..<count).map { index in
      let port = try call.create("port") { vtOvPort(table, network, side, index, &$0) }
      defer { vtOvFreePort(table, port) }
      var text: UnsafeMutablePointer<CChar>?
      try call.check("name a binding", vtOvPortName(table, port, &text))
      let name = call.takeText(text)
      var number: Int32 = 0
      try call.check("read a type", vtOvPortType(table, port, &number))
      var shape = VTOvOpenShape()
      try call.check("read a shape", vtOvPortShape(table, port, &shape))
      defer { vtOvFreeOpenShape(table, &shape) }
      guard shape.rank.lower == shape.rank.upper, shape.rank.lower >= 0 else {
        throw DeployError(.backendFailed, "has no fixed rank", at: .value(name))
      }
      let extents = UnsafeBufferPointer(start: shape.extents, count: Int(shape.rank.lower))
      let dimensions = extents.map { extent in
        extent.lower == extent.upper ? Dimension.fixed(Int(extent.lower)) : .unknown
      }
      return Binding(name: name, type: TensorType(try scalarType(number, of: name), dimensions))
    }
  }

  /// The shape and element type that a tensor has.
  /// - Throws: `backend.failed`.
  func type(of tensor: OpaquePointer, named name: String) throws -> (Shape, ScalarType) {
    var number: Int32 = 0
    try call.check("read a type", vtOvTensorType(table, tensor, &number))
    var shape = VTOvShape()
    try call.check("read a shape", vtOvTensorShape(table, tensor, &shape))
    defer { vtOvFreeShape(table, &shape) }
    let extents = UnsafeBufferPointer(start: shape.extents, count: max(0, Int(shape.rank)))
    return (Shape(extents.map { Int($0) }), try scalarType(number, of: name))
  }

  private func scalarType(_ number: Int32, of name: String) throws -> ScalarType {
    guard let type = ScalarType(openVINONumber: number) else {
      throw DeployError(
        .backendFailed,
        "has OpenVINO element type \(number), which tensors here cannot hold",
        at: .value(name)
      )
    }
    return type
  }
}
