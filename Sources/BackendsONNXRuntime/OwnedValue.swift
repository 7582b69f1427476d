import Backends
import CONNXRuntime
import Diagnostics
import Graphs
import Tensors

/// A value that ONNX Runtime allocated, released with this object.
final class OwnedValue {
  private let pointer: OpaquePointer
  private let library: ONNXRuntimeLibrary

  init(_ pointer: OpaquePointer, _ library: ONNXRuntimeLibrary) {
    self.pointer = pointer
    self.library = library
  }

  deinit { vtOrtReleaseValue(library.table, pointer) }

  /// The value's memory; it keeps this object alive.
  /// - Throws: `backend.failed`.
  func buffer(named name: String) throws -> TensorBuffer {
    let type = try library.type(ofValue: pointer, named: name)
    guard let shape = type.shape else {
      throw DeployError(.backendFailed, "has no shape", at: .value(name))
    }
    var address: UnsafeMutableRawPointer?
    let status = vtOrtValueBytes(library.table, pointer, &address)
    try library.call.check("read '\(name)'", status)
    let count = shape.count * type.scalarType.byteCount
    guard let address else {
      guard count == 0 else {
        throw DeployError(.backendFailed, "has no memory", at: .value(name))
      }
      return TensorBuffer(shape: shape, scalarType: type.scalarType)
    }
    let bytes = UnsafeMutableRawBufferPointer(start: address, count: count)
    return TensorBuffer(shape: shape, scalarType: type.scalarType, bytes: bytes) {
      withExtendedLifetime(self) {}
    }
  }
}
