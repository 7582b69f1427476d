import Diagnostics

extension PickleMachine {
  mutating func execute(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .mark: marks.append(stack.count)
    case .pop: if stack.count > marks.last ?? 0 { _ = try pop() } else { _ = try popToMark() }
    case .popMark: _ = try popToMark()
    case .duplicate: try push(try top())
    case .version: try readVersion()
    case .frame: _ = try cursor.integer(UInt64.self)
    case .none, .newTrue, .newFalse, .int, .binaryInt, .binaryInt1, .binaryInt2, .long, .long1,
      .long4, .float, .binaryFloat:
      try pushNumber(opcode)
    case .string, .unicode, .binaryString, .shortBinaryString, .binaryUnicode,
      .shortBinaryUnicode, .binaryUnicode8:
      try pushText(opcode)
    case .binaryBytes, .shortBinaryBytes, .binaryBytes8, .byteArray8: try pushBytes(opcode)
    case .put, .binaryPut, .longBinaryPut, .memoize, .get, .binaryGet, .longBinaryGet:
      try useMemo(opcode)
    case .emptyList, .list, .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3, .emptySet, .frozenSet,
      .emptyDictionary, .dictionary:
      try pushContainer(opcode)
    case .append, .appends, .addItems, .setItem, .setItems: try fillContainer(opcode)
    case .global, .stackGlobal, .persistentID, .binaryPersistentID: try pushReference(opcode)
    case .reduce, .build, .instance, .object, .newObject, .newObjectWithKeywords:
      try construct(opcode)
    case .extension1, .extension2, .extension4:
      throw damaged("it uses the registry of extensions, which no checkpoint does")
    case .nextBuffer, .readOnlyBuffer: throw damaged("it needs buffers that are not in the file")
    case .stop: break
    }
  }

  private mutating func readVersion() throws {
    protocolVersion = Int(try cursor.byte())
    guard protocolVersion <= 5 else {
      throw damaged("protocol \(protocolVersion) is not known, 5 is the newest")
    }
  }

  private mutating func useMemo(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .memoize: memo[memo.count] = try top()
    case .put: memo[try decimal()] = try top()
    case .binaryPut: memo[Int(try cursor.byte())] = try top()
    case .longBinaryPut: memo[Int(try cursor.integer(UInt32.self))] = try top()
    case .get: try recall(try decimal())
    case .binaryGet: try recall(Int(try cursor.byte()))
    default: try recall(Int(try cursor.integer(UInt32.self)))
    }
  }

  private mutating func recall(_ index: Int) throws {
    guard let value = memo[index] else { throw damaged("nothing is memoised as \(index)") }
    try push(value)
  }

  private mutating func decimal() throws -> Int {
    let text = String(decoding: try cursor.line(), as: UTF8.self)
    guard let value = Int(text) else { throw damaged("'\(text.prefix(40))' is not a number") }
    return value
  }

  private mutating func pushContainer(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .emptyList: try push(.list(heap.sequence([])))
    case .list: try push(.list(heap.sequence(try popToMark())))
    case .emptyTuple: try push(.tuple(heap.sequence([])))
    case .tuple: try push(.tuple(heap.sequence(try popToMark())))
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)
    case .emptySet: try push(.set(heap.sequence([])))
    case .frozenSet: try push(.set(heap.sequence(try popToMark())))
    case .emptyDictionary: try push(heap.dictionary([]))
    default: try push(heap.dictionary(try popPairs(try popToMark())))
    }
  }

  private mutating func pushTuple(_ count: Int) throws {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw damaged("a value is missing on the stack")
    }
    let elements = Array(stack.suffix(count))
    stack.removeLast(count)
    try push(.tuple(heap.sequence(elements)))
  }

  private mutating func fillContainer(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .append:
      let value = try pop()
      try append([value], to: try top())
    case .appends, .addItems:
      let values = try popToMark()
      try append(values, to: try top())
    case .setItem:
      let value = try pop()
      let key = try pop()
      try set([(key, value)], in: try top())
    default:
      let pairs = try popPairs(try popToMark())
      try set(pairs, in: try top())
    }
  }

  private mutating func append(_ values: [PickleValue], to target: PickleValue) throws {
    switch target {
    case .list(let id), .set(let id): heap.sequences[id].append(contentsOf: values)
    case .object(let id): heap.objects[id].items.append(contentsOf: values)
    default: throw damaged("values are appended to something that is not a list")
    }
  }

  private mutating func set(_ pairs: [PicklePair], in target: PickleValue) throws {
    switch target {
    case .dictionary(let id): heap.dictionaries[id].append(contentsOf: pairs)
    case .object(let id): heap.objects[id].pairs.append(contentsOf: pairs)
    default: throw damaged("a key is set in something that is not a dictionary")
    }
  }
}
