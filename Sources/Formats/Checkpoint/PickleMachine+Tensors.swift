import Diagnostics
import Tensors

extension PickleMachine {
  /// A storage, or the class of a module with its source text (torch before 1.6).
  mutating func persistent(_ identifier: PickleValue) throws -> PickleValue {
    guard let parts = heap.elements(identifier), let kind = parts.first?.string else {
      throw damaged("a persistent identifier is not a tuple")
    }
    if kind == "module", parts.count >= 2 { return parts[1] }
    guard kind == "storage", parts.count >= 5, case .global(let type) = parts[1],
      let key = parts[2].string ?? parts[2].int.map(String.init), let count = parts[4].int
    else {
      throw damaged("a persistent identifier of kind '\(kind.prefix(40))' is not understood")
    }
    let global = heap.globals[type]
    var scalarType: ScalarType?
    switch global.meaning {
    case .storage(let known): scalarType = known
    case .unsupportedStorage: throw unsupported(global.name)
    default: throw damaged("'\(global.name)' is not a storage")
    }
    guard count >= 0 else { throw damaged("storage '\(key)' has \(count) elements") }
    var viewOffset = 0
    if parts.count >= 6, let view = heap.elements(parts[5]) {
      guard view.count == 3, let offset = view[1].int, offset >= 0 else {
        throw damaged("the view of storage '\(key)' is not understood")
      }
      viewOffset = offset
    }
    heap.storages.append(
      PickleStorage(
        className: global.name,
        scalarType: scalarType,
        key: key,
        count: count,
        viewOffset: viewOffset
      )
    )
    return .storage(heap.storages.count - 1)
  }

  /// `_rebuild_tensor_v2(storage, offset, size, stride, …)`; `_v3` adds the element type.
  mutating func tensor(
    _ global: PickleGlobal,
    _ arguments: [PickleValue]
  ) throws -> PickleValue {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      let offset = arguments[1].int, let sizes = heap.integers(arguments[2]),
      let strides = heap.integers(arguments[3])
    else {
      throw damaged("the arguments of '\(global.name)' are not those of a tensor")
    }
    var scalarType = heap.storages[storage].scalarType
    if global.meaning == .tensorWithType {
      guard arguments.count >= 7, case .global(let type) = arguments[6],
        case .elementType(let stated) = heap.globals[type].meaning
      else { throw unsupported(global.name) }
      scalarType = stated
    }
    guard let scalarType else { throw damaged("a tensor lies on a storage without a type") }
    heap.tensors.append(
      PickleTensor(
        storage: storage,
        scalarType: scalarType,
        offset: offset,
        sizes: sizes,
        strides: strides
      )
    )
    return .tensor(heap.tensors.count - 1)
  }

  /// `_rebuild_from_type_v2(function, type, arguments, state)`: a tensor of a subclass.
  mutating func subclass(
    _ global: PickleGlobal,
    _ arguments: [PickleValue]
  ) throws -> PickleValue {
    guard arguments.count >= 3, case .global(let index) = arguments[0],
      heap.globals[index].meaning != .tensorSubclass
    else { throw unsupported(global.name) }
    return try call(arguments[0], heap.elements(arguments[2]) ?? [])
  }

  func unsupported(_ name: String) -> DeployError {
    DeployError(
      .checkpointUnsupportedTensor,
      "'\(name)' builds a tensor of a kind that is not read (quantised, sparse or complex)",
      at: .file(path: "", byteOffset: opcodeOffset),
      remedy: "save the network with plain dense weights of 16, 32 or 64 bits"
    )
  }
}
