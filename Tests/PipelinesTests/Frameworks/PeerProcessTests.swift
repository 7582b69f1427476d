import Diagnostics
import Testing

@testable import Pipelines

@Suite("Engines in processes of their own")
struct PeerProcessTests {
  @Test("The checksum is zlib's")
  func checksum() {
    // Source: the check value of CRC-32, and zlib.crc32 of the others.
    let cases: [(String, UInt32)] = [("123456789", 0xCBF4_3926), ("", 0), ("a", 0xE8B7_BE43)]
    for (text, sum) in cases {
      #expect(Array(text.utf8).withUnsafeBytes { Checksum.crc32($0) } == sum)
    }
  }

  @Test("Requests survive being written and read")
  func requests() {
    for request in [
      PeerRequest.nothing, .check(slot: 3), .leg(milliseconds: 80.5), .query(milliseconds: 7),
    ] {
      let line = request.line
      #expect(PeerRequest(line.dropLast())?.line == line)
    }
    for line in [
      "", "check", "check -1", "check x", "leg nan", "leg inf", "query", "query inf", "run 3",
      "leg 1 2",
    ] {
      #expect(PeerRequest(line) == nil, "\(line)")
    }
  }

  @Test("Both sides see the same bytes, and the file goes with its owner")
  func sharing() throws {
    let layout = SharedBlock.Layout(slotByteCount: 16, slotCount: 2, outputByteCount: 64)
    var path = ""
    do {
      let block = try SharedBlock(layout)
      path = block.path
      let other = try SharedBlock(path: path, layout: layout)
      block.slot(1)[3] = 7
      #expect(other.slot(1)[3] == 7 && other.slot(0)[3] == 0 && other.slot(3)[3] == 7)
      other.output[5] = 9
      #expect(block.output[5] == 9)
      #expect(throws: DeployError.self) {
        _ = try SharedBlock(
          path: path,
          layout: SharedBlock.Layout(slotByteCount: 1 << 20, slotCount: 2, outputByteCount: 64)
        )
      }
    }
    #expect(throws: DeployError.self) { _ = try SharedBlock(path: path, layout: layout) }
    #expect(throws: DeployError.self) {
      _ = try SharedBlock(SharedBlock.Layout(slotByteCount: .max, slotCount: 2))
    }
    #expect(throws: DeployError.self) {
      _ = try SharedBlock(SharedBlock.Layout(slotByteCount: 16, slotCount: 0))
    }
  }

  @Test("A peer greets, answers, and is asked what it costs")
  func answers() throws {
    let program = """
      echo '{"version":"1"}'
      while read -r word rest; do echo "{\\"milliseconds\\":[1.5,2],\\"peakMemory\\":3}"; done
      """
    let peer = try FrameworkPeer("test", "/bin/sh", ["-c", program])
    #expect(peer.greeting.version == "1")
    #expect(peer.transportMilliseconds > 0 && peer.coldStartMilliseconds > 0)
    var tally = FrameworkTally()
    #expect(tally.add(try peer.leg(milliseconds: 1)) == 2)
    #expect(tally.milliseconds == [1.5, 2] && tally.peakMemory == 3)
  }

  @Test("One that cannot start, ends, says nonsense or says that it is absent is an error")
  func failures() throws {
    let cases: [(String, String, Diagnostic.ID)] = [
      ("/nonexistent/python", "", .comparePeerFailed),
      ("/bin/sh", "echo trouble >&2; exit 3", .comparePeerFailed),
      ("/bin/sh", "echo nonsense; sleep 5", .comparePeerFailed),
      ("/bin/sh", "echo '{\"absence\":\"no torch\"}'", .compareAbsent),
      ("/bin/sh", "echo '{}'; exit", .comparePeerFailed),
    ]
    for (program, text, id) in cases {
      #expect {
        _ = try FrameworkPeer("test", program, ["-c", text])
      } throws: { error in
        guard let error = error as? DeployError else { return false }
        if text.contains("trouble") {
          return error.id == id && error.diagnostics[0].message.contains("trouble")
        }
        return error.id == id
      }
    }
  }

  @Test("Times that are none are refused")
  func badTimes() throws {
    for times in ["[]", "[0]", "[-1]", "null"] {
      let program = "echo '{}'; while read -r line; do echo '{\"milliseconds\":\(times)}'; done"
      let peer = try FrameworkPeer("test", "/bin/sh", ["-c", program])
      #expect(throws: DeployError.self) { _ = try peer.leg(milliseconds: 1) }
    }
  }
}
