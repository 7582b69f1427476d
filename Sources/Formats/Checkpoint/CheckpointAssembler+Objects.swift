import Diagnostics
import Tensors

extension CheckpointAssembler {
  /// An object becomes a module, an array or number of NumPy, or stays opaque.
  mutating func object(_ object: PickleObject) throws -> Sized {
    let state = attributes(object.state)
    if let state, let module = try module(object, state) { return module }
    if object.className.hasPrefix("numpy."), let array = try NumPyArray(object, heap)?.tensor() {
      return (.tensor(array), 1)
    }
    if object.className.hasSuffix(".multiarray.scalar"),
      let number = NumPyArray.scalar(object, heap)
    {
      return (number, 1)
    }
    var (arguments, total) = try values(object.arguments)
    var parts: [CheckpointValue] = []
    if let state {
      let (value, size) = try dictionary(state)
      try Self.add(size, to: &total)
      parts.append(value)
    } else if let state = object.state {
      let (value, size) = try sized(state)
      try Self.add(size, to: &total)
      parts.append(value)
    }
    if !object.items.isEmpty {
      let (values, size) = try values(object.items)
      try Self.add(size, to: &total)
      parts.append(.list(values))
    }
    if !object.pairs.isEmpty {
      let (value, size) = try dictionary(object.pairs)
      try Self.add(size, to: &total)
      parts.append(value)
    }
    let value = parts.count > 1 ? .tuple(parts) : parts.first ?? .none
    let record = OpaqueObject(className: object.className, arguments: arguments, state: value)
    arguments = []
    return (.object(record), total)
  }

  /// The attributes that a state sets: a dictionary, or a pair of one and one for slots.
  private func attributes(_ state: PickleValue?) -> [PicklePair]? {
    guard let state else { return nil }
    if let pairs = heap.pairs(state) { return pairs }
    guard case .tuple(let id) = state, heap.sequences[id].count == 2,
      let slots = heap.pairs(heap.sequences[id][1])
    else { return nil }
    if case .none = heap.sequences[id][0] { return slots }
    guard let plain = heap.pairs(heap.sequences[id][0]) else { return nil }
    return plain + slots
  }

  /// A module, where the attributes are those of `torch.nn.Module`.
  private mutating func module(_ object: PickleObject, _ state: [PicklePair]) throws -> Sized? {
    var parts: [String: [PicklePair]] = [:]
    for (key, value) in state {
      guard let name = key.string, ["_modules", "_parameters", "_buffers"].contains(name) else {
        continue
      }
      parts[name] = heap.pairs(value)
    }
    guard let modules = parts["_modules"], let parameters = parts["_parameters"],
      let buffers = parts["_buffers"]
    else { return nil }
    var total = 1
    var attributes: [String: CheckpointValue] = [:]
    for (key, value) in state {
      guard let name = key.string, parts[name] == nil, !Self.isBookkeeping(name) else { continue }
      let (value, size) = try sized(value)
      try Self.add(size, to: &total)
      attributes[name] = value
    }
    let children = try children(modules, &attributes, &total)
    let record = ModuleRecord(
      className: object.className,
      attributes: attributes,
      parameters: try tensors(parameters, &attributes, &total),
      buffers: try tensors(buffers, &attributes, &total),
      children: children
    )
    return (.module(record), total)
  }

  /// Hooks and sets that PyTorch keeps in every module; they hold nothing of the network.
  private static func isBookkeeping(_ name: String) -> Bool {
    name.hasPrefix("_") && (name.contains("hook") || name == "_non_persistent_buffers_set")
  }

  private mutating func children(
    _ pairs: [PicklePair],
    _ attributes: inout [String: CheckpointValue],
    _ total: inout Int
  ) throws -> [(name: String, module: ModuleRecord)] {
    var children: [(name: String, module: ModuleRecord)] = []
    var places: [String: Int] = [:]
    for (key, value) in pairs {
      guard let name = key.string ?? key.int.map(String.init) else { continue }
      let (child, size) = try sized(value)
      try Self.add(size, to: &total)
      switch child {
      case .module(let module):
        if let place = places[name] {
          children[place].module = module
        } else {
          places[name] = children.count
          children.append((name, module))
        }
      case .none: continue
      default: attributes[name] = child
      }
    }
    return children
  }

  private mutating func tensors(
    _ pairs: [PicklePair],
    _ attributes: inout [String: CheckpointValue],
    _ total: inout Int
  ) throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for (key, value) in pairs {
      guard let name = key.string else { continue }
      let (value, size) = try sized(value)
      try Self.add(size, to: &total)
      switch value {
      case .tensor(let tensor): result[name] = tensor
      case .none: continue
      default: attributes[name] = value
      }
    }
    return result
  }
}
