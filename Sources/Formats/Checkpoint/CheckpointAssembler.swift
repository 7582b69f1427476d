import Diagnostics
import Tensors

/// Turns what a pickle built into values: a tree, with shared parts shared in memory.
///
/// A part that contains itself ends in an object of class `cycle`. Depth is bounded, and so is
/// the size that the tree has when shared parts are counted as often as they are reached:
/// whoever walks it does bounded work.
struct CheckpointAssembler {
  static let depthLimit = 128
  static let sizeLimit = 8_000_000

  /// A value and how many values it has in it, shared ones counted each time.
  typealias Sized = (value: CheckpointValue, size: Int)

  /// What is shared: a place in the heap.
  enum Place: Hashable {
    case sequence(Int)
    case dictionary(Int)
    case object(Int)
  }

  let heap: PickleHeap
  var storages: CheckpointStorages
  private var finished: [Place: Sized] = [:]
  private var active: Set<Place> = []
  private var tensors: [Int: Tensor] = [:]
  private var depth = 0

  init(heap: PickleHeap, storages: CheckpointStorages) {
    self.heap = heap
    self.storages = storages
  }

  /// The value as a tree.
  /// - Throws: `checkpoint.too-complex`, `checkpoint.damaged-tensor`.
  mutating func value(_ value: PickleValue) throws -> CheckpointValue { try sized(value).value }

  mutating func sized(_ value: PickleValue) throws -> Sized {
    switch value {
    case .none: (.none, 1)
    case .bool(let value): (.bool(value), 1)
    case .int(let value): (.int(value), 1)
    case .long(let bytes): (Self.object("int", [.bytes(bytes)]), 1)
    case .float(let value): (.float(value), 1)
    case .string(let value): (.string(value), 1)
    case .bytes(let value): (.bytes(value), 1)
    case .list(let id): try shared(.sequence(id)) { try $0.sequence(id) { .list($0) } }
    case .tuple(let id): try shared(.sequence(id)) { try $0.sequence(id) { .tuple($0) } }
    case .set(let id): try shared(.sequence(id)) { try $0.sequence(id) { .set($0) } }
    case .dictionary(let id):
      try shared(.dictionary(id)) { try $0.dictionary($0.heap.dictionaries[id]) }
    case .object(let id): try shared(.object(id)) { try $0.object($0.heap.objects[id]) }
    case .global(let id): (Self.object("global", [.string(heap.globals[id].name)]), 1)
    case .storage(let id): (Self.object(heap.storages[id].className, []), 1)
    case .tensor(let id): (.tensor(try tensor(id)), 1)
    }
  }

  mutating func tensor(_ id: Int) throws -> Tensor {
    if let tensor = tensors[id] { return tensor }
    let claim = heap.tensors[id]
    let tensor = try storages.tensor(claim, on: heap.storages[claim.storage])
    tensors[id] = tensor
    return tensor
  }

  static func object(_ className: String, _ arguments: [CheckpointValue]) -> CheckpointValue {
    .object(OpaqueObject(className: className, arguments: arguments, state: .none))
  }

  private mutating func shared(
    _ place: Place,
    _ make: (inout Self) throws -> Sized
  ) throws -> Sized {
    if let known = finished[place] { return known }
    guard active.insert(place).inserted else { return (Self.object("cycle", []), 1) }
    depth += 1
    guard depth <= Self.depthLimit else {
      throw CheckpointFailure.tooComplex("values lie more than \(Self.depthLimit) levels deep")
    }
    let result = try make(&self)
    depth -= 1
    active.remove(place)
    finished[place] = result
    return result
  }

  /// Adds up sizes; the sum of two sizes within the limit cannot overflow.
  static func add(_ size: Int, to total: inout Int) throws {
    total += size
    guard total <= sizeLimit else {
      throw CheckpointFailure.tooComplex(
        "shared values are used so often that they stand for more than \(sizeLimit)"
      )
    }
  }

  private mutating func sequence(
    _ id: Int,
    _ wrap: ([CheckpointValue]) -> CheckpointValue
  ) throws -> Sized {
    let (values, size) = try values(heap.sequences[id])
    return (wrap(values), size)
  }

  mutating func values(_ elements: [PickleValue]) throws -> ([CheckpointValue], Int) {
    var result: [CheckpointValue] = []
    result.reserveCapacity(elements.count)
    var total = 1
    for element in elements {
      let (value, size) = try sized(element)
      try Self.add(size, to: &total)
      result.append(value)
    }
    return (result, total)
  }

  /// Keys of text and numbers are unique: the last value counts, at the first one's place.
  mutating func dictionary(_ pairs: [PicklePair]) throws -> Sized {
    var result: [(key: CheckpointValue, value: CheckpointValue)] = []
    result.reserveCapacity(pairs.count)
    var places: [DictionaryKey: Int] = [:]
    var total = 1
    for pair in pairs {
      let (key, keySize) = try sized(pair.key)
      let (value, size) = try sized(pair.value)
      try Self.add(keySize + size, to: &total)
      if let known = DictionaryKey(key) {
        if let place = places[known] {
          result[place].value = value
          continue
        }
        places[known] = result.count
      }
      result.append((key, value))
    }
    return (.dictionary(result), total)
  }
}

/// A dictionary key that can be compared.
private enum DictionaryKey: Hashable {
  case string(String)
  case int(Int)

  init?(_ value: CheckpointValue) {
    switch value {
    case .string(let text): self = .string(text)
    case .int(let number): self = .int(number)
    default: return nil
    }
  }
}
