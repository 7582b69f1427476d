import Diagnostics
import Formats
import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// Damaged and malicious files end in a DeployError, in bounded memory.
@Suite struct ONNXHostileTests {
  @Test func prefixesAndMutations() throws {
    let bytes = try ONNXFixtures.bytes("network_12.onnx")
    let summary = try HostileInput("onnx", bytes: bytes).attack { input in
      _ = ONNXChecker.check(bytes: input)
      _ = try ONNXReader.read(bytes: input)
    }
    #expect(summary.count >= bytes.count + 2000)
    #expect(summary.refused[.onnxNotAModel, default: 0] > 100)
    #expect(summary.peakGrowth < 256 << 20)
  }

  @Test func claimsOfHugeTensors() throws {
    for name in ["tensor-huge", "tensor-negative-dimension"] {
      let model = try #require(ONNXFixtures.broken[name])
      let error = #expect(throws: DeployError.self) {
        try ONNXReader.read(bytes: [UInt8](model.bytes))
      }
      #expect(error?.id == .onnxInvalidTensor)
    }
  }

  @Test func nestingIsLimited() throws {
    // ModelProto.graph (7) > node (1) > attribute (5) > g (6) > node …
    var bytes: [UInt8] = []
    for field in (0..<3000).map({ [0x32, 0x2A, 0x0A][$0 % 3] }) {
      bytes = [UInt8(field)] + Self.varint(bytes.count) + bytes
    }
    bytes = [0x3A] + Self.varint(bytes.count) + bytes
    let error = #expect(throws: DeployError.self) { try ONNXReader.read(bytes: bytes) }
    #expect(error?.id == .onnxNotAModel)
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
