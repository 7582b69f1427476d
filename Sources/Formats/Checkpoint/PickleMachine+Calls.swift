import Diagnostics
import Tensors

extension PickleMachine {
  mutating func pushReference(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .global:
      let module = String(decoding: try cursor.line(), as: UTF8.self)
      let name = String(decoding: try cursor.line(), as: UTF8.self)
      try push(try global(module, name))
    case .stackGlobal:
      guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
        throw damaged("the name of a global is not text")
      }
      try push(try global(module, name))
    case .binaryPersistentID: try push(try persistent(try pop()))
    default: throw damaged("it refers to objects outside the file by text")
    }
  }

  /// Looks a global's name up; never its contents.
  private mutating func global(_ module: String, _ name: String) throws -> PickleValue {
    let full = module + "." + name
    if let index = globalIndices[full] {
      heap.globals[index].count += 1
      return .global(index)
    }
    try spend(full.utf8.count / 64)
    let (meaning, reason) = GlobalRule.judge(module, name)
    let index = heap.globals.count
    heap.globals.append(PickleGlobal(name: full, meaning: meaning, count: 1))
    globalIndices[full] = index
    if let reason { try refuse(full, because: reason) }
    return .global(index)
  }

  /// Stops a strict reading; an audit goes on.
  private mutating func refuse(_ full: String, because reason: String) throws {
    let shown = full.count > 120 ? full.prefix(120) + "…" : full[...]
    let error = CheckpointFailure.refused(String(shown), because: reason, at: opcodeOffset)
    if refusal == nil { refusal = error }
    if isStrict { throw error }
  }

  /// `getattr(Detect, 'forward')`, kept as a record; anything else is refused.
  private mutating func method(
    _ index: Int,
    _ arguments: [PickleValue]
  ) throws -> PickleValue {
    let name = heap.globals[index].name
    if arguments.count == 2, case .string(let attribute) = arguments[1],
      GlobalRule.isMethod(className(arguments[0]), attribute)
    {
      return heap.object(name, arguments)
    }
    heap.globals[index].meaning = .refused
    try refuse(name, because: "it reaches for an attribute")
    return heap.object(name, arguments)
  }

  mutating func construct(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .reduce, .newObject:
      let arguments = try pop()
      let callee = try pop()
      let list = heap.elements(arguments) ?? [arguments]
      if opcode == .reduce {
        try checkCall(callee, list)
        if case .tuple(let id) = arguments { argumentTuples.insert(id) }
      }
      try push(try call(callee, list))
    case .newObjectWithKeywords:
      let keywords = try pop()
      let arguments = try pop()
      let callee = try pop()
      let isEmpty = heap.pairs(keywords)?.isEmpty ?? false
      let list = heap.elements(arguments) ?? [arguments]
      try spend(list.count)
      try push(try call(callee, isEmpty ? list : list + [keywords]))
    case .instance:
      let module = String(decoding: try cursor.line(), as: UTF8.self)
      let name = String(decoding: try cursor.line(), as: UTF8.self)
      let callee = try global(module, name)
      let arguments = try popToMark()
      try checkCall(callee, arguments)
      try push(try call(callee, arguments))
    case .object:
      let values = try popToMark()
      guard let callee = values.first else { throw damaged("an object has no class") }
      try checkCall(callee, Array(values.dropFirst()))
      try push(try call(callee, Array(values.dropFirst())))
    default:
      let state = try pop()
      // Attributes of lists, dictionaries and tensors (such as `_metadata`) are not kept.
      if case .object(let id) = try top() { heap.objects[id].state = state }
    }
  }

  /// Refuses what Python would run on loading: a call of anything that is not known to make plain
  /// data. (The opcodes that make an object without its constructor are no calls.)
  private mutating func checkCall(_ callee: PickleValue, _ arguments: [PickleValue]) throws {
    guard case .global(let index) = callee else {
      return try refuse("call of \(className(callee))", because: "it calls what another call made")
    }
    let global = heap.globals[index]
    switch global.meaning {
    case .opaque:
      guard !GlobalRule.isCallable(global.name) else { return }
      heap.globals[index].meaning = .refused
      try refuse(global.name, because: "it would be called, not only named, when Python loads it")
    case .reconstructor:
      // `base.__init__` of what is made is called, too.
      guard arguments.count > 1 else { return }
      guard case .global(let base) = arguments[1], heap.globals[base].isPlainBase else {
        return try refuse(className(arguments[1]), because: "an object would be made by it")
      }
    default: return
    }
  }

  /// The opaque globals that stand as values somewhere: functions and classes as data.
  func globalsKeptAsValues() -> [String] {
    var found: Set<Int> = []
    func look(_ value: PickleValue) {
      if case .global(let index) = value, heap.globals[index].meaning == .opaque {
        found.insert(index)
      }
    }
    for (id, sequence) in heap.sequences.enumerated() where !argumentTuples.contains(id) {
      sequence.forEach(look)
    }
    for pair in heap.dictionaries.joined() { (look(pair.key), look(pair.value)) }
    for object in heap.objects {
      object.arguments.forEach { if object.className != "builtins.getattr" { look($0) } }
      object.state.map(look)
      object.items.forEach(look)
      for pair in object.pairs { (look(pair.key), look(pair.value)) }
    }
    return found.map { heap.globals[$0].name }.sorted()
  }

  /// What a call would make: plain data for a few names, a record of the call otherwise.
  mutating func call(_ callee: PickleValue, _ arguments: [PickleValue]) throws -> PickleValue {
    guard case .global(let index) = callee else {
      return heap.object("call of \(className(callee))", arguments)
    }
    let global = heap.globals[index]
    switch global.meaning {
    case .dictionary, .defaultDictionary, .list, .tuple, .set:
      return try container(global.meaning, arguments) ?? heap.object(global.name, arguments)
    case .identity:
      return arguments.count == 1 ? arguments[0] : heap.object(global.name, arguments)
    case .encode: return try encoded(arguments)
    case .reconstructor, .newObject, .numpyReconstruct:
      return heap.object(arguments.first.map(className) ?? "object", Array(arguments.dropFirst()))
    case .tensor, .tensorWithType: return try tensor(global, arguments)
    case .parameter: return arguments.first ?? heap.object(global.name, [])
    case .tensorSubclass: return try subclass(global, arguments)
    case .unsupportedTensor: throw unsupported(global.name)
    case .method: return try method(index, arguments)
    case .storage, .unsupportedStorage, .elementType, .named, .opaque, .refused:
      return heap.object(global.name, arguments)
    }
  }

  func className(_ value: PickleValue) -> String {
    switch value {
    case .global(let index): heap.globals[index].name
    case .object(let index): heap.objects[index].className
    default: "object"
    }
  }

  private mutating func container(
    _ meaning: PickleGlobal.Meaning,
    _ arguments: [PickleValue]
  ) throws -> PickleValue? {
    if meaning == .defaultDictionary { return heap.dictionary([]) }
    if meaning == .dictionary {
      guard let first = arguments.first else { return heap.dictionary([]) }
      if let pairs = heap.pairs(first) {
        try spend(pairs.count)
        return heap.dictionary(pairs)
      }
      var pairs: [PicklePair] = []
      for element in heap.elements(first) ?? [] {
        guard let pair = heap.elements(element), pair.count == 2 else { return nil }
        try spend(1)
        pairs.append((pair[0], pair[1]))
      }
      return heap.dictionary(pairs)
    }
    let elements: [PickleValue]
    if let first = arguments.first {
      guard let given = heap.elements(first) else { return nil }
      elements = given
    } else {
      elements = []
    }
    try spend(elements.count)
    let id = heap.sequence(elements)
    return meaning == .list ? .list(id) : meaning == .set ? .set(id) : .tuple(id)
  }

  /// `_codecs.encode(text, 'latin1')` is how protocol 2 writes bytes.
  private mutating func encoded(_ arguments: [PickleValue]) throws -> PickleValue {
    guard case .string(let text)? = arguments.first else {
      return heap.object("_codecs.encode", arguments)
    }
    try spend(text.utf8.count)
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else {
        return heap.object("_codecs.encode", arguments)
      }
      bytes.append(byte)
    }
    return .bytes(bytes)
  }
}
