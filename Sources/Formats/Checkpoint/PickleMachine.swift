import Diagnostics

/// Reads a pickle into plain data. It has no way to run anything: a global is a name, and a
/// call of one is either plain data built here or a record of the name and its arguments.
///
/// Work and memory grow at most linearly with the pickle; ``valueLimit`` bounds both.
/// Source: CPython, `Lib/pickletools.py`, for what the opcodes mean.
struct PickleMachine {
  /// The most values that one pickle may make.
  static let valueLimit = 4_000_000

  /// How many values and copied bytes were made.
  private(set) var spent = 0
  /// Whether a global that could run code ends the reading.
  let isStrict: Bool
  var cursor: ByteCursor
  var heap = PickleHeap()
  var stack: [PickleValue] = []
  var marks: [Int] = []
  var memo: [Int: PickleValue] = [:]
  var globalIndices: [String: Int] = [:]
  /// The tuples that were the arguments of calls.
  var argumentTuples: Set<Int> = []
  var protocolVersion = 0
  /// Where the opcode being executed is in the file.
  var opcodeOffset = 0
  /// Why the first refused global was refused.
  var refusal: DeployError?

  init(_ cursor: ByteCursor, isStrict: Bool) {
    self.cursor = cursor
    self.isStrict = isStrict
  }

  /// Runs to the `STOP` opcode and returns the value built.
  /// - Throws: `checkpoint.refused-global`, `checkpoint.damaged-pickle`,
  ///   `checkpoint.truncated`, `checkpoint.too-complex`, `checkpoint.unsupported-tensor`.
  mutating func run() throws -> PickleValue {
    while true {
      opcodeOffset = cursor.offset
      let byte = try cursor.byte()
      guard let opcode = PickleOpcode(rawValue: byte) else {
        throw damaged("unknown opcode \(byte)")
      }
      if opcode == .stop { return try pop() }
      try execute(opcode)
    }
  }

  /// What the pickle asked for so far.
  var audit: PickleAudit {
    PickleAudit(
      protocolVersion: protocolVersion,
      entries: heap.globals.sorted { $0.name < $1.name }.map {
        PickleAudit.Entry(global: $0.name, count: $0.count, treatment: $0.treatment)
      }
    )
  }

  func damaged(_ message: String) -> DeployError {
    CheckpointFailure.pickle("the pickle is damaged: \(message)", at: opcodeOffset)
  }

  /// Counts values about to be made.
  mutating func spend(_ count: Int) throws {
    spent += count
    guard spent <= Self.valueLimit else {
      throw CheckpointFailure.tooComplex("the pickle makes more than \(Self.valueLimit) values")
    }
  }

  mutating func push(_ value: PickleValue) throws {
    try spend(1)
    stack.append(value)
  }

  mutating func pop() throws -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw damaged("a value is missing on the stack")
    }
    return value
  }

  func top() throws -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw damaged("a value is missing on the stack")
    }
    return value
  }

  /// The values above the last mark, taken off with it.
  mutating func popToMark() throws -> [PickleValue] {
    guard let mark = marks.popLast(), mark <= stack.count else {
      throw damaged("a mark is missing on the stack")
    }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  mutating func popPairs(_ values: [PickleValue]) throws -> [PicklePair] {
    guard values.count.isMultiple(of: 2) else { throw damaged("a key has no value") }
    return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
  }
}
