import Diagnostics
import Tensors

/// An array of NumPy inside a pickle: `_reconstruct(…)` with the state
/// (version, shape, dtype, is Fortran order, bytes), or `_frombuffer(bytes, dtype, shape, order)`.
struct NumPyArray {
  private let sizes: [Int]
  private let scalarType: ScalarType
  private let isFortranOrder: Bool
  private let bytes: [UInt8]

  /// Nil where the object is not an array of plain little-endian numbers.
  init?(_ object: PickleObject, _ heap: PickleHeap) {
    let parts: [PickleValue]
    let isFortranOrder: Bool
    switch object.className {
    case "numpy.ndarray":
      guard let state = object.state.flatMap(heap.elements), state.count == 5,
        case .bool(let order) = state[3]
      else { return nil }
      parts = [state[1], state[2], state[4]]
      isFortranOrder = order
    case "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer":
      guard object.arguments.count == 4 else { return nil }
      parts = [object.arguments[2], object.arguments[1], object.arguments[0]]
      isFortranOrder = object.arguments[3].string == "F"
    default: return nil
    }
    guard let sizes = heap.integers(parts[0]), let type = Self.scalarType(parts[1], heap),
      case .bytes(let bytes) = parts[2], Shape.checkedCount(sizes.filter { $0 > 0 }) != nil,
      Shape.checkedCount(sizes + [type.byteCount]) == bytes.count
    else { return nil }
    self.sizes = sizes
    scalarType = type
    self.isFortranOrder = isFortranOrder
    self.bytes = bytes
  }

  /// The array as a dense tensor.
  func tensor() throws -> Tensor {
    try bytes.withUnsafeBytes { try NPYFile.tensor($0, sizes, scalarType, isFortranOrder) }
  }

  /// A number, `scalar(dtype, bytes)`.
  static func scalar(_ object: PickleObject, _ heap: PickleHeap) -> CheckpointValue? {
    guard object.arguments.count == 2, let type = scalarType(object.arguments[0], heap),
      case .bytes(let bytes) = object.arguments[1], bytes.count == type.byteCount
    else { return nil }
    let tensor = bytes.withUnsafeBytes { try? Tensor(copying: $0, shape: [], scalarType: type) }
    guard let tensor else { return nil }
    if type == .bool { return .bool(bytes[0] != 0) }
    if type.isFloatingPoint {
      return (try? tensor.converted(to: .float64).scalars(of: Double.self)).map { .float($0[0]) }
    }
    return (try? tensor.integers()).map { .int($0[0]) }
  }

  /// `dtype('f4', False, True)` with the state (3, '<', …).
  private static func scalarType(_ value: PickleValue, _ heap: PickleHeap) -> ScalarType? {
    guard case .object(let id) = value, heap.objects[id].className == "numpy.dtype",
      let code = heap.objects[id].arguments.first?.string
    else { return nil }
    if let state = heap.objects[id].state.flatMap(heap.elements), state.count >= 2,
      state[1].string == ">"
    {
      return nil
    }
    return NPYFile.scalarType(code)
  }
}
