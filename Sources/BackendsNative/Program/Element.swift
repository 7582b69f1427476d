import CNativeKernels
import Tensors

/// How the elements of a surface are stored.
enum Element: Sendable, Hashable, Codable {
  case float32
  case bfloat16
  /// An unsigned byte that stands for (byte - zero) · scale. Signed bytes of a graph are stored
  /// with 128 added to them and to their zero.
  case quantized(scale: Float, zero: Int32)
  /// IEEE 754's half precision: of planar surfaces only, as callers give and take them.
  case float16

  /// The size of one element in bytes.
  var byteCount: Int {
    switch self {
    case .float32: 4
    case .bfloat16, .float16: 2
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
    case .float16: NATIVE_F16
    }
  }

  /// In plans, reports and tactics.
  var name: String {
    switch self {
    case .float32: "f32"
    case .bfloat16: "bf16"
    case .quantized: "int8"
    case .float16: "f16"
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

  /// The element of a planar surface that holds a graph's value as the graph says it.
  init?(plane type: ScalarType) {
    if type == .float16 { self = .float16 } else { self.init(type) }
  }

  /// What a planar surface of it is called in a graph; nil for bytes, which are never planar.
  var scalarType: ScalarType? {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .float16: .float16
    case .quantized: nil
    }
  }
}
