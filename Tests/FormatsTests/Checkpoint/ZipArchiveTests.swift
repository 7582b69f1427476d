import Diagnostics
import Formats
import TestSupport
import Testing

/// Archives made from a good one by changing single fields.
@Suite struct ZipArchiveTests {
  private let good = Fixture.bytes("small.pt")
  /// The end record, 22 bytes at the end.
  private var end: Int { good.count - 22 }

  private func id(_ bytes: [UInt8]) -> Diagnostic.ID? {
    let file = TemporaryFile(bytes, suffix: ".pt")
    return CheckpointRefusalTests.failure(file.path)?.id
  }

  @Test func goodArchive() { #expect(id(good) == nil) }

  @Test func zip64EndRecord() {
    var bytes = Array(good[..<end])
    let record = bytes.count
    let count = UInt64(good[end + 10])
    let size = little(good[(end + 12)..<(end + 16)])
    let offset = little(good[(end + 16)..<(end + 20)])
    bytes +=
      [0x50, 0x4B, 0x06, 0x06] + field(44) + [45, 0, 45, 0] + [UInt8](repeating: 0, count: 8)
    bytes += field(count) + field(count) + field(size) + field(offset)
    bytes += [0x50, 0x4B, 0x06, 0x07, 0, 0, 0, 0] + field(UInt64(record)) + [1, 0, 0, 0]
    bytes += [0x50, 0x4B, 0x05, 0x06, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 12) + [0, 0]
    #expect(id(bytes) == nil)
    // The locator points behind the file.
    bytes[bytes.count - 22 - 20 + 8 + 5] = 0x7F
    #expect(id(bytes) == .checkpointArchive)
  }

  @Test func moreEntriesThanTheDirectoryHolds() {
    var bytes = good
    bytes[end + 10] = 0xFE
    bytes[end + 11] = 0xFF
    #expect(id(bytes) == .checkpointArchive)
  }

  @Test func twoEntriesOfOnePlace() {
    var bytes = good
    let start = Int(little(good[(end + 16)..<(end + 20)]))
    let first =
      start + 46 + Int(little(good[(start + 28)..<(start + 30)]))
      + Int(little(good[(start + 30)..<(start + 32)]))
    bytes.replaceSubrange(first + 42..<first + 46, with: good[(start + 42)..<(start + 46)])
    #expect(id(bytes) == .checkpointArchive)
  }

  @Test func bigEndianWeights() {
    var bytes = good
    let text = Array("little".utf8)
    guard let place = bytes.indices.first(where: { bytes[$0...].starts(with: text) }) else {
      Issue.record("no byteorder entry in the fixture")
      return
    }
    bytes.replaceSubrange(place..<place + 6, with: Array("big\0\0\0".utf8))
    #expect(id(bytes) == .checkpointUnsupported)
  }

  private func little(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func field(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
