import Tensors

/// A value on the pickle machine's stack. Containers are numbers into a ``PickleHeap``, so that
/// shared, cyclic and very deep structures are nothing special.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  /// An integer beyond 64 bits: little-endian two's complement.
  case long([UInt8])
  case float(Double)
  case string(String)
  case bytes([UInt8])
  case list(Int)
  case tuple(Int)
  case set(Int)
  case dictionary(Int)
  case object(Int)
  case global(Int)
  case storage(Int)
  case tensor(Int)

  var int: Int? { if case .int(let value) = self { value } else { nil } }
  var string: String? { if case .string(let value) = self { value } else { nil } }
}

/// A storage as the pickle claims it.
struct PickleStorage {
  /// The class, such as `torch.HalfStorage`.
  let className: String
  /// The element type; nil for storages of plain bytes.
  let scalarType: ScalarType?
  /// The name under which the file holds it.
  let key: String
  /// The claimed number of elements.
  let count: Int
  /// Elements to skip, for a view of another storage (torch before 1.6).
  let viewOffset: Int
}

/// A tensor as the pickle claims it; all in elements.
struct PickleTensor {
  let storage: Int
  let scalarType: ScalarType
  let offset: Int
  let sizes: [Int]
  let strides: [Int]
}

/// An object whose class is only a name.
struct PickleObject {
  let className: String
  let arguments: [PickleValue]
  var state: PickleValue?
  /// What was appended to it, for subclasses of list.
  var items: [PickleValue] = []
  /// What was set in it, for subclasses of dict.
  var pairs: [PicklePair] = []
}

/// A key and its value.
typealias PicklePair = (key: PickleValue, value: PickleValue)

/// Everything that a pickle built.
struct PickleHeap {
  /// Elements of lists, tuples and sets.
  var sequences: [[PickleValue]] = []
  var dictionaries: [[PicklePair]] = []
  var objects: [PickleObject] = []
  var storages: [PickleStorage] = []
  var tensors: [PickleTensor] = []
  var globals: [PickleGlobal] = []

  mutating func sequence(_ elements: [PickleValue]) -> Int {
    sequences.append(elements)
    return sequences.count - 1
  }

  mutating func object(_ className: String, _ arguments: [PickleValue]) -> PickleValue {
    objects.append(PickleObject(className: className, arguments: arguments))
    return .object(objects.count - 1)
  }

  mutating func dictionary(_ pairs: [PicklePair]) -> PickleValue {
    dictionaries.append(pairs)
    return .dictionary(dictionaries.count - 1)
  }

  /// The elements of a list, tuple or set.
  func elements(_ value: PickleValue) -> [PickleValue]? {
    switch value {
    case .list(let id), .tuple(let id), .set(let id): sequences[id]
    default: nil
    }
  }

  /// The pairs of a dictionary.
  func pairs(_ value: PickleValue) -> [PicklePair]? {
    if case .dictionary(let id) = value { dictionaries[id] } else { nil }
  }

  /// The integers of a tuple or list, such as a tensor's sizes.
  func integers(_ value: PickleValue) -> [Int]? {
    guard let elements = elements(value), elements.count <= 64 else { return nil }
    var result: [Int] = []
    for element in elements {
      guard let int = element.int else { return nil }
      result.append(int)
    }
    return result
  }
}
