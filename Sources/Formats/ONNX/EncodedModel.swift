import Tensors

/// A model ready to be written: everything but the tensors' data, whose lengths are known from
/// their shapes, so that one tensor at a time is in memory.
struct EncodedModel {
  /// One tensor: its fields but the data, and the data unless it lies in another file.
  struct Initializer {
    var header: [UInt8]
    var data: Tensor?
  }

  /// The fields of the model but the graph.
  var head: [UInt8]
  /// The fields of the graph but the initializers.
  var graph: [UInt8]
  var initializers: [Initializer]

  /// The length of the file in bytes.
  var byteCount: Int {
    let tag = Self.fieldTag(Field.graph) + Self.varint(graphByteCount)
    return head.count + tag.count + graphByteCount
  }

  /// Writes the model; `didWrite` is told the number of tensors written so far.
  func write<Sink: ByteSink & ~Copyable>(
    to sink: inout Sink,
    didWrite: (Int) -> Void = { _ in }
  ) throws {
    try sink.write(head + Self.fieldTag(Field.graph) + Self.varint(graphByteCount) + graph)
    for (index, item) in initializers.enumerated() {
      defer { didWrite(index + 1) }
      let length = Self.byteCount(of: item)
      try sink.write(Self.fieldTag(Field.initializer) + Self.varint(length) + item.header)
      guard let tensor = item.data else { continue }
      try sink.write(Self.fieldTag(Field.rawData) + Self.varint(tensor.byteCount))
      try tensor.withBytes { try sink.write($0) }
    }
  }

  /// Field numbers. Source: onnx-ml.proto, ModelProto, GraphProto, TensorProto.
  private enum Field {
    static let graph = 7
    static let initializer = 5
    static let rawData = 9
  }

  private var graphByteCount: Int {
    initializers.reduce(graph.count) { total, item in
      let length = Self.byteCount(of: item)
      return total + Self.fieldTag(Field.initializer).count + Self.varint(length).count + length
    }
  }

  private static func byteCount(of item: Initializer) -> Int {
    guard let count = item.data?.byteCount else { return item.header.count }
    return item.header.count + fieldTag(Field.rawData).count + varint(count).count + count
  }

  /// The tag of a field of given length. Source: protobuf, wire format, LEN records.
  private static func fieldTag(_ number: Int) -> [UInt8] { varint(number << 3 | 2) }

  private static func varint(_ value: Int) -> [UInt8] {
    var rest = UInt64(value)
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
