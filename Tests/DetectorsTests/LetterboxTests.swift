import Detectors
import Diagnostics
import Files
import Graphs
import Images
import Tensors
import TestSupport
import Testing

@Suite("Letterbox")
struct LetterboxTests {
  @Test("equals OpenCV in both rules, for tiny, odd, halved and enlarged pictures")
  func equalsOpenCV() throws {
    let path = SharedData.checkout + "/Tests/DetectorsTests/Fixtures/letterbox.bin"
    let file = try MappedFile(path: path)
    let bytes = withExtendedLifetime(file) { Array(file.bytes) }
    let workspace = LetterboxWorkspace()
    var offset = 0
    while offset < bytes.count {
      let numbers = (0..<5).map { place in
        Int(bytes[offset + 2 * place]) | Int(bytes[offset + 2 * place + 1]) << 8
      }
      let (width, height, rule) = (numbers[0], numbers[1], numbers[2])
      let (inputWidth, inputHeight) = (numbers[3], numbers[4])
      let start = offset + 10
      let middle = start + 3 * width * height
      offset = middle + 3 * inputWidth * inputHeight
      let image = try Image(width: width, height: height, pixels: Array(bytes[start..<middle]))
      var letterbox = Letterbox()
      (letterbox.width, letterbox.height) = (64, 64)
      letterbox.fit = rule == 1 ? .minimumRectangle : .square
      letterbox.rule = rule == 2 ? .evaluation : .detection
      let geometry = try letterbox.geometry(sourceWidth: width, sourceHeight: height)
      let name = "\(width)×\(height), case \(rule)"
      try #require(geometry.inputWidth == inputWidth, "\(name)")
      try #require(geometry.inputHeight == inputHeight, "\(name)")
      let shape: Shape = [2, 3, inputHeight, inputWidth]
      let buffer = TensorBuffer(shape: shape, scalarType: .float32)
      try letterbox.write(image, to: buffer, at: 1, using: workspace)
      let values = try buffer.tensor().scalars(of: Float.self).suffix(shape.count / 2)
      let planeCount = inputWidth * inputHeight
      var worst = 0
      for (index, value) in values.enumerated() {
        let expected = bytes[middle + 3 * (index % planeCount) + index / planeCount]
        worst = max(worst, abs(Int((value * 255).rounded()) - Int(expected)))
      }
      #expect(worst <= (rule == 2 ? 1 : 0), "\(name): levels apart")
      let levels = TensorBuffer(shape: shape, scalarType: .uint8)
      try letterbox.write(image, to: levels, at: 1, using: workspace)
      let written = try levels.tensor().scalars(of: UInt8.self).suffix(shape.count / 2)
      #expect(written.map { Float($0) / 255 } == Array(values), "\(name): bytes")
    }
  }

  @Test func bytesAreForNetworksThatWantThemDividedBy255() throws {
    let buffer = TensorBuffer(shape: [1, 3, 64, 64], scalarType: .uint8)
    var letterbox = Letterbox()
    (letterbox.width, letterbox.height, letterbox.fit) = (64, 64, .square)
    let image = Image(width: 8, height: 8)
    let workspace = LetterboxWorkspace()
    try letterbox.write(image, to: buffer, using: workspace)
    var preprocessing = ModelContract.Preprocessing()
    preprocessing.mean = [0.5, 0.5, 0.5]
    #expect(throws: DeployError.self) {
      try letterbox.write(image, to: buffer, preprocessing: preprocessing, using: workspace)
    }
  }
}
