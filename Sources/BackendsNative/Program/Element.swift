import CNativeKernels
import Tensors

/// How the elements of a surface are stored.
enum Element: Sendable, Hashable, Codable {
  case float32
  case bfloat16
  /// An unsigned byte that stands for (byte - zero) · scale. Signed bytes of a graph are stored
  /// with 128 added to them and to their zero.
  case quantized(scale: Float, zero: Int32)

  /// The size of one element in bytes.
  var byteCount: Int {
    switch self {
    case .float32: 4
    case .bfloat16: 2
    case .quantized: 1
    }
  }

  /// Elements in the four bytes that a kernel multiplies at once.
  var perGroup: Int { 4 / byteCount }

  /// The kernels' name for it.
  var native: native_type {
    switch self {
    case .float32: NATIVE_F32
    case .bfloat16: NATIVE_BF16
    case .quantized: NATIVE_U8
    }
  }

  /// In plans, reports and tactics.
  var name: String {
    switch self {
    case .float32: "f32"
    case .bfloat16: "bf16"
    case .quantized: "int8"
    }
  }

  /// The element that stores a graph's floating-point value.
  init?(_ type: ScalarType) {
    switch type {
    case .float32: self = .float32
    case .bfloat16: self = .bfloat16
    default: return nil
    }
  }
}
