import Diagnostics
import Files

/// A zip archive; each entry is a stretch of the file, packed or (``checkStored()``) as it is.
///
/// Sizes come from the central directory; the local headers say where the bytes begin. No byte
/// of an entry is read here. Source: APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
struct ZipArchive {
  /// One entry.
  struct Entry {
    let name: String
    /// Where the entry's bytes are in the file.
    let range: Range<Int>
    /// How the bytes are packed; 0: not at all.
    let method: UInt16
    let isEncrypted: Bool
  }

  let file: MappedFile
  /// The entries in the order of the central directory.
  let entries: [Entry]
  private let indices: [String: Int]

  /// The place of an entry's bytes in the file, if there is such an entry.
  func range(_ name: String) -> Range<Int>? { indices[name].map { entries[$0].range } }

  /// Reads the directory.
  /// - Throws: `checkpoint.truncated`, `checkpoint.damaged-archive`.
  init(_ file: MappedFile) throws {
    self.file = file
    let bytes = file.bytes
    let directory = try ZipDirectory(bytes)
    var cursor = ByteCursor(bytes, from: directory.offset)
    var entries: [Entry] = []
    var indices: [String: Int] = [:]
    var extents: [Range<Int>] = []
    for _ in 0..<directory.count {
      guard cursor.position < directory.end else {
        throw CheckpointFailure.archive(
          "the directory names \(directory.count) entries and holds \(entries.count)"
        )
      }
      let record = try ZipRecord(&cursor)
      let start = try record.dataStart(in: bytes)
      let (end, overflow) = start.addingReportingOverflow(record.size)
      guard !overflow, end <= directory.offset else {
        throw CheckpointFailure.archive(
          "entry '\(record.name)' of \(record.size) bytes does not fit the file",
          at: record.headerOffset
        )
      }
      guard indices.updateValue(entries.count, forKey: record.name) == nil else {
        throw CheckpointFailure.archive("entry '\(record.name)' occurs twice")
      }
      entries.append(
        Entry(
          name: record.name,
          range: start..<end,
          method: record.method,
          isEncrypted: record.isEncrypted
        )
      )
      extents.append(record.headerOffset..<end)
    }
    try Self.checkDisjoint(extents)
    self.entries = entries
    self.indices = indices
  }

  /// Makes sure that every entry's bytes are what they stand for.
  /// - Throws: `checkpoint.unsupported-format` for compressed or encrypted entries.
  func checkStored() throws {
    for entry in entries where entry.isEncrypted || entry.method != 0 {
      let how = entry.isEncrypted ? "encrypted" : "compressed (method \(entry.method))"
      throw DeployError(
        .checkpointUnsupported,
        "entry '\(entry.name)' of the zip archive is \(how); torch.save stores entries as they are",
        remedy: "if the archive wraps a checkpoint, unpack it; otherwise save it again with "
          + "torch.save"
      )
    }
  }

  private static func checkDisjoint(_ extents: [Range<Int>]) throws {
    var end = 0
    for extent in extents.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      guard extent.lowerBound >= end else {
        throw CheckpointFailure.archive("two entries overlap", at: extent.lowerBound)
      }
      end = extent.upperBound
    }
  }
}
