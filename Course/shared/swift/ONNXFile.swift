// ONNX files as Swift's own structures. You need not change this file.
//
// An ONNX file is a protobuf message: numbered fields, each a whole number, four bytes, or a piece
// of bytes that may be a message itself. Source of the numbers: onnx/onnx.proto.

import Foundation

/// A network: nodes in order, and everything that they read.
struct Model {
  var opset = 0
  var inputs: [Value] = []
  var outputs: [Value] = []
  var nodes: [Node] = []
  var weights: [String: Weight] = [:]
  /// What the file says of other values.
  var shapes: [String: [Extent]] = [:]
}

/// One extent of a shape: a number, or a name where it is open.
enum Extent: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  case fixed(Int)
  case open(String)

  init(integerLiteral value: Int) { self = .fixed(value) }
  init(stringLiteral value: String) { self = .open(value) }

  /// The number; nil where it is open.
  var number: Int? { if case .fixed(let number) = self { number } else { nil } }
}

/// An input or output of float32.
struct Value {
  var name: String
  var shape: [Extent]
}

/// An operator with what it reads and writes. An empty name stands for an input that is left out.
struct Node {
  var op: String
  var name: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [String: Attribute] = [:]
}

enum Attribute: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  case int(Int)
  case float(Float)
  case text(String)
  case ints([Int])
  case floats([Float])
  case tensor(Weight)

  init(integerLiteral value: Int) { self = .int(value) }
  init(stringLiteral value: String) { self = .text(value) }
}

/// Constant numbers with a shape.
enum Weight {
  case float32(shape: [Int], [Float])
  case int64(shape: [Int], [Int])

  /// A list of numbers.
  init(_ numbers: [Float]) { self = .float32(shape: [numbers.count], numbers) }
  init(_ numbers: [Int]) { self = .int64(shape: [numbers.count], numbers) }
  /// An array that was read from a file.
  init(_ array: Numbers) { self = .float32(shape: array.shape, array.values) }

  /// Its whole numbers; none where it holds others.
  var integers: [Int] { if case .int64(_, let numbers) = self { numbers } else { [] } }
}

/// Reads the model in a file.
func readONNX(_ folder: String, _ name: String) throws -> Model {
  let file = try Message(try readBytes(folder, name)[...])
  let graph = try file.messages(7).first ?? Message()
  var model = Model()
  for entry in try file.messages(8) where ["", "ai.onnx"].contains(entry.text(1)) {
    model.opset = entry.numbers(2).first ?? 0
  }
  for entry in try graph.messages(5) { model.weights[entry.text(8)] = try entry.weight() }
  model.inputs = try graph.messages(11).map { try $0.value() }
  model.outputs = try graph.messages(12).map { try $0.value() }
  for value in try graph.messages(13).map({ try $0.value() }) { model.shapes[value.name] = value.shape }
  for node in try graph.messages(1) {
    var attributes: [String: Attribute] = [:]
    for attribute in try node.messages(5) { attributes[attribute.text(1)] = try attribute.attribute() }
    model.nodes.append(
      Node(
        op: node.text(4),
        name: node.text(3),
        inputs: node.texts(1),
        outputs: node.texts(2),
        attributes: attributes
      )
    )
  }
  return model
}

/// Writes a model; what it says of inner shapes is left out, since every reader infers them.
func writeONNX(_ folder: String, _ name: String, _ model: Model) throws {
  var graph: [UInt8] = []
  for node in model.nodes { graph += field(1, message(node)) }
  graph += field(2, "graph".utf8)
  for (name, weight) in model.weights.sorted(by: { $0.key < $1.key }) {
    graph += field(5, message(name, weight))
  }
  for value in model.inputs { graph += field(11, message(value)) }
  for value in model.outputs { graph += field(12, message(value)) }
  let version = model.opset <= 14 ? 7 : model.opset <= 18 ? 8 : model.opset <= 20 ? 9 : 10
  var file = number(1, version) + field(2, "lab".utf8) + field(7, graph)
  file += field(8, field(1, []) + number(2, model.opset))
  try Data(file).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
}

/// The fields of a protobuf message by their numbers.
private struct Message {
  private enum Field {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
  }
  private var fields: [Int: [Field]] = [:]

  init() {}

  init(_ data: ArraySlice<UInt8>) throws {
    var rest = data
    while !rest.isEmpty {
      let key = try varint(&rest)
      switch key & 7 {
      case 0: fields[Int(key >> 3), default: []].append(.number(try varint(&rest)))
      case 1, 2, 5:
        let length = key & 7 == 2 ? try varint(&rest) : key & 7 == 1 ? 8 : 4
        guard length <= rest.count else { throw FileProblem(text: "a message ends too early") }
        fields[Int(key >> 3), default: []].append(.bytes(rest.prefix(Int(length))))
        rest = rest.dropFirst(Int(length))
      default: throw FileProblem(text: "this is no protobuf message")
      }
    }
  }

  func pieces(_ number: Int) -> [ArraySlice<UInt8>] {
    (fields[number] ?? []).compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } }
  }
  func messages(_ number: Int) throws -> [Message] { try pieces(number).map(Message.init) }
  func texts(_ number: Int) -> [String] { pieces(number).map { String(decoding: $0, as: UTF8.self) } }
  func text(_ number: Int) -> String { texts(number).first ?? "" }

  /// Whole numbers, whether packed or one by one.
  func numbers(_ number: Int) -> [Int] {
    (fields[number] ?? []).flatMap { field -> [Int] in
      switch field {
      case .number(let value): return [Int(truncatingIfNeeded: value)]
      case .bytes(var rest):
        var found: [Int] = []
        while let value = try? varint(&rest) { found.append(Int(truncatingIfNeeded: value)) }
        return found
      }
    }
  }

  func weight() throws -> Weight {
    let shape = numbers(1)
    let raw = pieces(9).first
    switch numbers(2).first {
    case 1: return .float32(shape: shape, floats(raw ?? Array(pieces(4).joined())[...]))
    case 7:
      guard let raw else { return .int64(shape: shape, numbers(7)) }
      return .int64(
        shape: shape,
        raw.withUnsafeBytes { bytes in
          (0..<bytes.count / 8).map { index in
            Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self)))
          }
        }
      )
    default: throw FileProblem(text: "'\(text(8))' holds neither float32 nor int64")
    }
  }

  func value() throws -> Value {
    let tensor = try messages(2).first?.messages(1).first
    let extents = try tensor?.messages(2).first?.messages(1) ?? []
    return Value(
      name: text(1),
      shape: extents.map { extent in
        extent.numbers(1).first.map(Extent.fixed) ?? .open(extent.text(2))
      }
    )
  }

  func attribute() throws -> Attribute {
    switch numbers(20).first {
    case 1: .float(pieces(2).first.map(floats)?.first ?? 0)
    case 2: .int(numbers(3).first ?? 0)
    case 3: .text(text(4))
    case 4: .tensor(try messages(5).first?.weight() ?? Weight([Int]()))
    case 6: .floats(pieces(7).flatMap(floats))
    default: .ints(numbers(8))
    }
  }
}

/// A whole number in as few bytes as it needs, seven bits in each, the lowest first.
private func varint(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
  var (value, shift): (UInt64, UInt64) = (0, 0)
  while let byte = rest.popFirst() {
    value |= UInt64(byte & 127) << shift
    if byte < 128 { return value }
    shift += 7
  }
  throw FileProblem(text: "a message ends too early")
}

private func varint(_ value: Int) -> [UInt8] {
  var rest = UInt64(bitPattern: Int64(value))
  var bytes: [UInt8] = []
  while rest > 127 {
    bytes.append(UInt8(rest & 127 | 128))
    rest >>= 7
  }
  return bytes + [UInt8(rest)]
}

private func number(_ number: Int, _ value: Int) -> [UInt8] { varint(number << 3) + varint(value) }

private func field(_ number: Int, _ bytes: some Collection<UInt8>) -> [UInt8] {
  varint(number << 3 | 2) + varint(bytes.count) + bytes
}

private func message(_ node: Node) -> [UInt8] {
  var data = node.inputs.flatMap { field(1, $0.utf8) } + node.outputs.flatMap { field(2, $0.utf8) }
  data += field(3, node.name.utf8) + field(4, node.op.utf8)
  for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
    data += field(5, message(name, attribute))
  }
  return data
}

private func message(_ name: String, _ attribute: Attribute) -> [UInt8] {
  let (content, kind): ([UInt8], Int) =
    switch attribute {
    case .float(let value): (varint(2 << 3 | 5) + bytes([value]), 1)
    case .int(let value): (number(3, value), 2)
    case .text(let text): (field(4, text.utf8), 3)
    case .tensor(let weight): (field(5, message("", weight)), 4)
    case .floats(let values): (values.flatMap { varint(7 << 3 | 5) + bytes([$0]) }, 6)
    case .ints(let values): (values.flatMap { number(8, $0) }, 7)
    }
  return field(1, name.utf8) + content + number(20, kind)
}

private func message(_ name: String, _ weight: Weight) -> [UInt8] {
  let (shape, kind, content): ([Int], Int, [UInt8]) =
    switch weight {
    case .float32(let shape, let values): (shape, 1, bytes(values))
    case .int64(let shape, let values):
      (shape, 7, values.map { Int64($0).littleEndian }.withUnsafeBytes(Array.init))
    }
  return shape.flatMap { number(1, $0) } + number(2, kind) + field(8, name.utf8) + field(9, content)
}

private func message(_ value: Value) -> [UInt8] {
  let shape = value.shape.flatMap { extent -> [UInt8] in
    switch extent {
    case .fixed(let extent): field(1, number(1, extent))
    case .open(let name): field(1, field(2, name.utf8))
    }
  }
  return field(1, value.name.utf8) + field(2, field(1, number(1, 1) + field(2, shape)))
}
