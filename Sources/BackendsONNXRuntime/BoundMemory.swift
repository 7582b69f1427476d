import CONNXRuntime
import Diagnostics
import Tensors

/// A buffer of ours, described to ONNX Runtime so that it reads and writes there.
final class BoundMemory {
  let buffer: TensorBuffer
  let value: OpaquePointer
  /// Whether a binding refers to it already.
  var isBound = false
  private let library: ONNXRuntimeLibrary

  init(_ shape: Shape, _ scalarType: ScalarType, _ library: ONNXRuntimeLibrary) throws {
    let buffer = TensorBuffer(shape: shape, scalarType: scalarType)
    let extents = shape.dimensions.map { Int64($0) }
    value = try library.call.create("value") {
      vtOrtCreateValue(
        library.table,
        library.hostMemory,
        buffer.bytes.baseAddress,
        buffer.bytes.count,
        extents,
        extents.count,
        scalarType.onnxNumber,
        &$0
      )
    }
    self.buffer = buffer
    self.library = library
  }

  deinit { vtOrtReleaseValue(library.table, value) }
}
