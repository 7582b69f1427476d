import Diagnostics
import Files
import Tensors

/// A file of torch before 1.6: five pickles (magic number, protocol, system, the object, the
/// storages' keys), then each storage as a count and its bytes.
/// Source: PyTorch, `torch/serialization.py`, `_legacy_save`.
struct LegacyArchive {
  let file: MappedFile
  /// Where the object's pickle begins.
  let objectStart: Int

  /// Reads the pickles before the object's.
  init(_ file: MappedFile) throws {
    self.file = file
    var cursor = ByteCursor(file.bytes, from: FileKind.legacyStart.count)
    var machine = PickleMachine(cursor, isStrict: true)
    guard case .int(1001) = try machine.run() else {
      throw CheckpointFailure.pickle("the protocol of torch.save is not 1001")
    }
    cursor = machine.cursor
    machine = PickleMachine(cursor, isStrict: true)
    let system = try machine.run()
    for (key, value) in machine.heap.pairs(system) ?? [] where key.string == "little_endian" {
      guard case .bool(false) = value else { continue }
      throw DeployError(
        .checkpointUnsupported,
        "the weights are stored big-endian",
        remedy: "load the file with PyTorch on this machine and save it again with torch.save"
      )
    }
    objectStart = machine.cursor.position
  }

  /// Where each storage's bytes are; `machine` has read the object.
  func storageRanges(_ machine: PickleMachine) throws -> [String: Range<Int>] {
    var widths: [String: Int] = [:]
    for storage in machine.heap.storages {
      widths[storage.key] = storage.scalarType?.byteCount ?? 1
    }
    var keys = PickleMachine(machine.cursor, isStrict: true)
    let value = try keys.run()
    guard let list = keys.heap.elements(value) else {
      throw CheckpointFailure.pickle("the keys of the storages are not a list")
    }
    var cursor = keys.cursor
    var ranges: [String: Range<Int>] = [:]
    for element in list {
      guard let key = element.string ?? element.int.map(String.init), let width = widths[key],
        ranges[key] == nil
      else { throw CheckpointFailure.pickle("a storage's key is unknown or occurs twice") }
      let count = Int(try cursor.integer(Int64.self))
      let (size, overflow) = count.multipliedReportingOverflow(by: width)
      guard count >= 0, !overflow, size <= cursor.remaining else {
        throw CheckpointFailure.truncated(
          "storage '\(key)' claims \(count) elements of \(width) bytes, "
            + "\(cursor.remaining) bytes are left",
          at: cursor.offset
        )
      }
      let start = cursor.position
      _ = try cursor.take(size)
      ranges[key] = start..<start + size
    }
    return ranges
  }
}
