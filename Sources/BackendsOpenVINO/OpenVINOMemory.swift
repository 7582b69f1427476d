import Backends
import COpenVINO
import Diagnostics
import Graphs
import Tensors

/// A buffer of ours, described to OpenVINO so that it reads and writes there.
final class OpenVINOMemory {
  let buffer: TensorBuffer
  let tensor: OpaquePointer
  private let library: OpenVINOLibrary

  init(_ shape: Shape, _ scalarType: ScalarType, _ library: OpenVINOLibrary) throws {
    let buffer = TensorBuffer(shape: shape, scalarType: scalarType)
    let extents = shape.dimensions.map { Int64($0) }
    tensor = try library.call.create("tensor") {
      vtOvWrapTensor(
        library.table,
        scalarType.openVINONumber,
        extents,
        extents.count,
        buffer.bytes.baseAddress,
        &$0
      )
    }
    self.buffer = buffer
    self.library = library
  }

  deinit { vtOvFreeTensor(library.table, tensor) }
}

/// A tensor that OpenVINO allocated, released with this object.
final class OpenVINOResult {
  private let tensor: OpaquePointer
  private let library: OpenVINOLibrary

  init(_ tensor: OpaquePointer, _ library: OpenVINOLibrary) {
    self.tensor = tensor
    self.library = library
  }

  deinit { vtOvFreeTensor(library.table, tensor) }

  /// The tensor's memory; it keeps this object alive.
  /// - Throws: `backend.failed`.
  func buffer(named name: String) throws -> TensorBuffer {
    let (shape, scalarType) = try library.type(of: tensor, named: name)
    let count = shape.count * scalarType.byteCount
    guard count > 0 else { return TensorBuffer(shape: shape, scalarType: scalarType) }
    var address: UnsafeMutableRawPointer?
    try library.call.check("read '\(name)'", vtOvTensorBytes(library.table, tensor, &address))
    guard let address else {
      throw DeployError(.backendFailed, "has no memory", at: .value(name))
    }
    let bytes = UnsafeMutableRawBufferPointer(start: address, count: count)
    return TensorBuffer(shape: shape, scalarType: scalarType, bytes: bytes) {
      withExtendedLifetime(self) {}
    }
  }
}
