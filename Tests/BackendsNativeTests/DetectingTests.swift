import Backends
import Graphs
import Tensors
import TestSupport
import Testing

@testable import BackendsNative

/// What a session leaves out for callers that only want detections.
@Suite struct DetectingTests {
  private static let shape: Shape = [2, 3, 32, 48]

  /// A stem and a head, as detectors have them.
  private func network(quantized: Bool) throws -> Network {
    var net = Network(21)
    var x = net.input("images", Self.shape.dimensions.map { .fixed($0) })
    if quantized {
      let step = net.constant(try Tensor([0.0039 as Float], shape: []))
      let zero = net.constant(Tensor(scalar: UInt8(0)))
      x = try net.add(DequantizeLinear(), net.add(QuantizeLinear(), x, step, zero), step, zero)
      let scales = net.constant(try Tensor([Float](repeating: 0.004, count: 16), shape: [16]))
      let bytes = net.constant(
        try Tensor((0..<16 * 27).map { Int8(truncatingIfNeeded: $0 &* 37) }, shape: [16, 3, 3, 3])
      )
      x = try net.add(
        SiLU(),
        net.add(Conv(), x, net.add(DequantizeLinear(axis: 0), bytes, scales))
      )
    } else {
      x = try net.add(SiLU(), net.convolution(x, to: 16))
    }
    let rows = try net.head(x, anchors: 3, fields: 9, masks: 1, stride: 8)
    net.graph.markOutput(rows, named: "rows")
    return net
  }

  private func session(
    _ net: Network,
    threads: Int = 2,
    precision: ScalarType? = nil
  ) async throws -> NativeSession {
    let plan = try await NativeBackend()
      .build(net.graph, configuration: configuration(threads: threads, precision: precision)).plan
    return try #require(plan.makeSession() as? NativeSession)
  }

  private func fill(_ buffer: TensorBuffer) throws -> Tensor {
    let bytes = (0..<Self.shape.count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 91) }
    if buffer.scalarType == .uint8 {
      try buffer.copy(Tensor(bytes, shape: Self.shape))
    } else {
      try buffer.copy(Tensor(bytes.map { Float($0) / 255 }, shape: Self.shape))
    }
    return buffer.tensor()
  }

  @Test(arguments: [false, true], [ScalarType.float32, .bfloat16])
  func bytesGiveTheBitsOfValues(quantized: Bool, precision: ScalarType) async throws {
    let session = try await session(network(quantized: quantized), precision: precision)
    _ = try fill(session.input("images", shape: Self.shape))
    try session.run(observer: nil)
    let values = try session.output("rows").tensor()
    let pixels = try #require(try session.pixels("images", shape: Self.shape))
    #expect(pixels.scalarType == .uint8)
    _ = try fill(pixels)
    try session.run(observer: nil)
    #expect(try sameBits(["": values], ["": session.output("rows").tensor()]))
    #expect(try session.pixels("images", shape: Self.shape) === pixels)
    // And back.
    _ = try fill(session.input("images", shape: Self.shape))
    try session.run(observer: nil)
    #expect(try sameBits(["": values], ["": session.output("rows").tensor()]))
  }

  @Test func inputsThatAreReadOtherwiseTakeNoBytes() async throws {
    var net = Network(3)
    let x = net.input("images", Self.shape.dimensions.map { .fixed($0) })
    net.graph.markOutput(try net.add(SiLU(), net.convolution(x, to: 16)), named: "features")
    net.graph.markOutput(try net.add(Abs(), x), named: "size")
    let session = try await session(net)
    #expect(try session.pixels("images", shape: Self.shape) == nil)
    #expect(throws: (any Error).self) { try session.pixels("other", shape: Self.shape) }
    #expect(throws: (any Error).self) { try session.pixels("images", shape: [1, 3, 32, 32]) }
  }

  @Test(arguments: [1, 2]) func anchorsBelowTheFloorAreNotDecoded(threads: Int) async throws {
    let session = try await session(network(quantized: false), threads: threads)
    _ = try fill(session.input("images", shape: Self.shape))
    try session.run(observer: nil)
    let whole = try session.output("rows").tensor().scalars(of: Float.self)
    let rows = whole.count / 9
    let sorted = (0..<rows).map { whole[9 * $0 + 4] }.sorted()
    let floor = sorted[rows / 2]
    session.objectnessFloor = floor
    try session.run(observer: nil)
    let part = try session.output("rows").tensor().scalars(of: Float.self)
    var passedOver = 0
    for row in 0..<rows {
      let (before, after) = (whole[9 * row..<9 * row + 9], part[9 * row..<9 * row + 9])
      if before[9 * row + 4] > floor {
        #expect(before == after)
      } else if after[9 * row + 4] == 0 {
        passedOver += 1
      } else {
        #expect(before == after)
      }
    }
    #expect(passedOver > rows / 3)
    session.objectnessFloor = nil
    try session.run(observer: nil)
    #expect(try session.output("rows").tensor().scalars(of: Float.self) == whole)
  }
}
