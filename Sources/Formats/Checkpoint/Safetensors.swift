import Diagnostics
import Files
import Tensors

/// Named tensors after a JSON header. Source: safetensors, `README.md`, "Format".
enum Safetensors {
  /// The longest header that is read, in bytes.
  private static let headerLimit = 32 << 20

  /// Reads the header; the weights stay in the file.
  /// - Throws: `checkpoint.truncated`, `checkpoint.damaged-tensor`,
  ///   `checkpoint.unsupported-tensor`, `checkpoint.no-network`.
  static func read(_ file: MappedFile) throws -> Checkpoint {
    var cursor = ByteCursor(file.bytes)
    let length = Int(exactly: try cursor.integer(UInt64.self)) ?? .max
    guard length <= headerLimit else {
      throw CheckpointFailure.tooComplex("the header claims \(length) bytes")
    }
    let text = try cursor.take(length)
    guard case .object(let members) = try JSONText.parse(text) else {
      throw CheckpointFailure.tensor("the header is not a JSON object")
    }
    let data = try cursor.take(cursor.remaining)
    var weights: [(name: String, tensor: Tensor)] = []
    var entries: [String: CheckpointValue] = [:]
    var ranges: [Range<Int>] = []
    for (name, value) in members {
      if name == "__metadata__" {
        entries[name] = metadata(value)
        continue
      }
      let (tensor, range) = try tensor(name, value, data, file)
      weights.append((name, tensor))
      ranges.append(range)
    }
    try check(ranges, cover: data.count)
    guard !weights.isEmpty else {
      throw DeployError(
        .checkpointNoNetwork,
        "the file holds no tensors",
        remedy: "give the checkpoint that training saved, such as best.pt"
      )
    }
    return Checkpoint(
      path: file.path,
      byteCount: file.count,
      container: .safetensors,
      model: nil,
      modelEntry: nil,
      weights: weights,
      entries: entries,
      audit: PickleAudit(protocolVersion: 0, entries: [])
    )
  }

  private static func tensor(
    _ name: String,
    _ value: JSONText,
    _ data: UnsafeRawBufferPointer,
    _ file: MappedFile
  ) throws -> (Tensor, Range<Int>) {
    guard case .string(let code)? = value["dtype"], let sizes = value["shape"]?.integers,
      let offsets = value["data_offsets"]?.integers, offsets.count == 2, sizes.count <= 64
    else { throw CheckpointFailure.tensor("the header's entry '\(name.prefix(80))' is damaged") }
    guard let type = types[code] else {
      throw DeployError(
        .checkpointUnsupportedTensor,
        "tensor '\(name.prefix(80))' has elements of type '\(code.prefix(20))'",
        remedy: "save the network with plain weights of 16, 32 or 64 bits"
      )
    }
    guard offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= data.count,
      sizes.allSatisfy({ $0 >= 0 }), Shape.checkedCount(sizes.filter { $0 > 0 }) != nil,
      Shape.checkedCount(sizes + [type.byteCount]) == offsets[1] - offsets[0]
    else {
      throw CheckpointFailure.tensor(
        "tensor '\(name.prefix(80))' of sizes \(sizes) does not fit bytes \(offsets) of "
          + "\(data.count)"
      )
    }
    let range = offsets[0]..<offsets[1]
    let part = UnsafeRawBufferPointer(rebasing: data[range])
    let shape = Shape(sizes)
    return (try Tensor(borrowing: part, of: file, shape: shape, scalarType: type), range)
  }

  /// Tensors neither overlap nor leave bytes over.
  private static func check(_ ranges: [Range<Int>], cover count: Int) throws {
    var end = 0
    for range in ranges.sorted(by: { ($0.lowerBound, $0.count) < ($1.lowerBound, $1.count) }) {
      guard range.lowerBound == end else {
        throw CheckpointFailure.tensor(
          "a tensor begins at \(range.lowerBound) where the one before ends at \(end)"
        )
      }
      end = range.upperBound
    }
    guard end == count else {
      throw CheckpointFailure.tensor("the tensors take \(end) bytes, the file has \(count)")
    }
  }

  private static func metadata(_ value: JSONText) -> CheckpointValue {
    guard case .object(let members) = value else { return .none }
    return .dictionary(
      members.map { name, value in
        if case .string(let text) = value { return (.string(name), .string(text)) }
        return (.string(name), .none)
      }
    )
  }

  private static let types: [String: ScalarType] = [
    "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64,
    "I32": .int32, "I16": .int16, "I8": .int8, "U8": .uint8, "BOOL": .bool,
  ]
}
