import Detectors
import Diagnostics
import Glibc
import Graphs
import Tensors
import Testing

@Suite("Head decoding")
struct HeadDecoderTests {
  static func candidates(
    _ values: [Float],
    _ shape: Shape,
    _ contract: ModelContract = .test(),
    asHalf: Bool = false,
    suppression: Detectors.NonMaxSuppression = Detectors.NonMaxSuppression()
  ) throws -> [Candidate] {
    let buffer = TensorBuffer(shape: shape, scalarType: asHalf ? .float16 : .float32)
    let tensor =
      asHalf
      ? try Tensor(values.map { Float16($0) }, shape: shape) : try Tensor(values, shape: shape)
    try buffer.copy(tensor)
    return try HeadDecoder(contract: contract).candidates(
      in: [buffer],
      inputWidth: 64,
      inputHeight: 64,
      suppression: suppression
    )
  }

  static let row: [Float] = [32, 16, 8, 4, 0.5, 0.75, 1]

  @Test("decoded rows, in single and half precision", arguments: [false, true])
  func decoded(_ asHalf: Bool) throws {
    let found = try Self.candidates(Self.row, [1, 1, 7], asHalf: asHalf)
    let box = Box(x1: 28, y1: 14, x2: 36, y2: 18)
    #expect(found == [Candidate(box: box, confidence: 0.5, classIndex: 1, anchor: 0)])
  }

  @Test("several labels an anchor, and the classes wanted")
  func labels() throws {
    var suppression = Detectors.NonMaxSuppression()
    suppression.isMultiLabel = true
    let both = try Self.candidates(Self.row, [1, 1, 7], .test(), suppression: suppression)
    #expect(both.map(\.classIndex) == [0, 1])
    #expect(both.map(\.confidence) == [0.375, 0.5])
    suppression.classes = [0]
    #expect(try Self.candidates(Self.row, [1, 1, 7], .test(), suppression: suppression).count == 1)
    // Without several labels, the best class is not wanted, so nothing is left.
    suppression.isMultiLabel = false
    #expect(try Self.candidates(Self.row, [1, 1, 7], .test(), suppression: suppression).isEmpty)
  }

  @Test("what is not finite never becomes a candidate, nor an empty picture", arguments: 0..<7)
  func notFinite(_ place: Int) throws {
    for value in [Float.nan, .infinity, -.infinity] {
      var row = Self.row
      row[place] = value
      // Beside a sound anchor it is left out.
      #expect(try Self.candidates(row + Self.row, [1, 2, 7]).map(\.anchor) == [1])
      // An objectness of minus infinity says that there is nothing.
      if place == 4, value < 0 {
        #expect(try Self.candidates(row, [1, 1, 7]).isEmpty)
        continue
      }
      let error = #expect(throws: DeployError.self) { try Self.candidates(row, [1, 1, 7]) }
      #expect(error?.id == .detectorNotFinite)
    }
  }

  /// Logits of a level of 2 × 2 cells with one anchor; the cell (1, 0) answers.
  static func raw(interleaved: Bool) -> [Float] {
    let cell: [Float] = [0, 1, -1, 0.5, 2, -3, 3]
    var values = [Float](repeating: -20, count: 4 * 7)
    for channel in 0..<7 {
      values[interleaved ? 7 + channel : 4 * channel + 1] = cell[channel]
    }
    return values
  }

  @Test("raw heads in both layouts follow the formula", arguments: [false, true])
  func raw(_ isInterleaved: Bool) throws {
    let shape: Shape = isInterleaved ? [1, 1, 2, 2, 7] : [1, 7, 2, 2]
    let found = try Self.candidates(Self.raw(interleaved: isInterleaved), shape, .test(.raw))
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    // Source: YOLOv5 `yolo.Detect.forward`, in double precision.
    let x = (2 * sigmoid(0) - 0.5 + 1) * 32
    let y = (2 * sigmoid(1) - 0.5) * 32
    let width = 4 * sigmoid(-1) * sigmoid(-1) * 10
    let height = 4 * sigmoid(0.5) * sigmoid(0.5) * 20
    let expected = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    try #require(found.count == 1)
    let box = found[0].box
    for (actual, expected) in zip([box.x1, box.y1, box.x2, box.y2], expected) {
      #expect(abs(Double(actual) - expected) < 1e-4)
    }
    #expect(abs(Double(found[0].confidence) - sigmoid(2) * sigmoid(3)) < 1e-6)
    #expect(found[0].classIndex == 1)
  }

  @Test("selected rows: other pictures, unknown classes and low scores are passed over")
  func selected() throws {
    let rows: [Float] = [
      0, 1, 2, 3, 4, 1, 0.5,
      1, 1, 2, 3, 4, 1, 0.5,
      0, 1, 2, 3, 4, 2, 0.5,
      0, 1, 2, 3, 4, -1, 0.5,
      0, 1, 2, 3, 4, 0, 0.2,
      0, 1, 2, .nan, 4, 0, 0.5,
    ]
    let found = try Self.candidates(rows, [6, 7], .test(.end2end))
    let box = Box(x1: 1, y1: 2, x2: 3, y2: 4)
    #expect(found == [Candidate(box: box, confidence: 0.5, classIndex: 1)])
    #expect(try Self.candidates([], [0, 7], .test(.end2end)).isEmpty)
  }
}
