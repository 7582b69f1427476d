/// A Swift type that can be a tensor element.
public protocol TensorScalar: Sendable, BitwiseCopyable {
  /// The element type that this Swift type stands for.
  static var scalarType: ScalarType { get }
}

extension Double: TensorScalar {
  /// ``ScalarType/float64``.
  public static var scalarType: ScalarType { .float64 }
}
extension Float: TensorScalar {
  /// ``ScalarType/float32``.
  public static var scalarType: ScalarType { .float32 }
}
extension Float16: TensorScalar {
  /// ``ScalarType/float16``.
  public static var scalarType: ScalarType { .float16 }
}
extension BFloat16: TensorScalar {
  /// ``ScalarType/bfloat16``.
  public static var scalarType: ScalarType { .bfloat16 }
}
extension Int64: TensorScalar {
  /// ``ScalarType/int64``.
  public static var scalarType: ScalarType { .int64 }
}
extension Int32: TensorScalar {
  /// ``ScalarType/int32``.
  public static var scalarType: ScalarType { .int32 }
}
extension Int16: TensorScalar {
  /// ``ScalarType/int16``.
  public static var scalarType: ScalarType { .int16 }
}
extension Int8: TensorScalar {
  /// ``ScalarType/int8``.
  public static var scalarType: ScalarType { .int8 }
}
extension UInt8: TensorScalar {
  /// ``ScalarType/uint8``.
  public static var scalarType: ScalarType { .uint8 }
}
/// A truth value is one byte, 0 or 1. Bytes from files are normalised where tensors are made.
extension Bool: TensorScalar {
  /// ``ScalarType/bool``.
  public static var scalarType: ScalarType { .bool }
}
