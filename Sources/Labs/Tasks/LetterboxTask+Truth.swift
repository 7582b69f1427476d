import Detectors
import Graphs
import Images
import Tensors

extension LetterboxTask {
  func reference(_ problem: Problem) throws -> Answer { try reference(problem) { _ in } }

  /// What the project's own letterbox gives, changed by `change`.
  func reference(_ problem: Problem, _ change: (inout Letterbox) -> Void) throws -> Answer {
    var letterbox = Letterbox()
    (letterbox.width, letterbox.height) = (problem.inputWidth, problem.inputHeight)
    change(&letterbox)
    let buffer = TensorBuffer(
      shape: [1, 3, problem.inputHeight, problem.inputWidth],
      scalarType: .float32
    )
    let geometry = try letterbox.write(
      try Self.image(problem),
      to: buffer,
      using: LetterboxWorkspace()
    )
    let values = try buffer.withScalars(of: Float.self) { Array($0) }
    return Answer(
      values: values,
      transform: Transform(
        scale: geometry.scaleX,
        left: geometry.padX,
        top: geometry.padY
      )
    )
  }

  /// The picture in three channels: grey three times, transparency dropped.
  static func image(_ problem: Problem) throws -> Image {
    let count = problem.width * problem.height
    let rgb: [UInt8]
    switch problem.channels {
    case 1: rgb = problem.pixels.flatMap { [$0, $0, $0] }
    case 4: rgb = (0..<count).flatMap { problem.pixels[4 * $0..<4 * $0 + 3] }
    default: rgb = problem.pixels
    }
    return try Image(width: problem.width, height: problem.height, pixels: rgb)
  }

  func judge(
    _ answer: Answer,
    _ expected: Answer,
    _ problem: Problem,
    _ bands: Bands
  ) -> Judgement {
    // One step of 255, and half a step more for the rounding of float32.
    let step: Float = 1.0 / 255 + 1e-6
    var within = 0
    var worst = (index: 0, error: Float(-1))
    for (index, (value, truth)) in zip(answer.values, expected.values).enumerated() {
      let error = abs(value - truth)
      if error <= step { within += 1 }
      if !(error <= worst.error) { worst = (index, error.isNaN ? .infinity : error) }
    }
    let fraction = Double(within) / Double(max(1, expected.values.count))
    let way = Self.farthest(answer.transform, expected.transform, problem)
    var judgement = Judgement(figures: [
      Judgement.Figure(
        name: "pixels-within-1/255",
        value: fraction,
        rule: .atLeast,
        limit: bands("pixels", or: 0.999)
      ),
      Judgement.Figure(
        name: "transform-error-px",
        value: way,
        rule: .atMost,
        limit: bands("transform", or: 1.01)
      ),
    ])
    if fraction < 1, answer.values.indices.contains(worst.index) {
      let plane = problem.inputWidth * problem.inputHeight
      let (channel, rest) = worst.index.quotientAndRemainder(dividingBy: plane)
      let (row, column) = rest.quotientAndRemainder(dividingBy: problem.inputWidth)
      judgement.place =
        "[\(channel), \(row), \(column)] = \(answer.values[worst.index]) "
        + "≠ \(expected.values[worst.index])"
    }
    return judgement
  }

  /// How far apart two transforms put the corners of the picture, in input pixels.
  private static func farthest(_ a: Transform, _ b: Transform, _ problem: Problem) -> Double {
    // Known causes are compared by their pixels alone.
    if b.scale.isNaN { return 0 }
    var farthest = 0.0
    for (x, y) in [(0.0, 0.0), (Double(problem.width), Double(problem.height))] {
      let horizontal = abs(x * a.scale + a.left - x * b.scale - b.left)
      let vertical = abs(y * a.scale + a.top - y * b.scale - b.top)
      guard horizontal.isFinite, vertical.isFinite else { return .infinity }
      farthest = max(farthest, horizontal, vertical)
    }
    return farthest
  }

  /// The input in grey where it is right, in red where it is wrong.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    let (width, height) = (problem.inputWidth, problem.inputHeight)
    let plane = width * height
    guard answer.values.count == 3 * plane, expected.values.count == 3 * plane else { return nil }
    var image = Image(width: width, height: height)
    for pixel in 0..<plane {
      var (error, light): (Float, Float) = (0, 0)
      for channel in 0..<3 {
        let index = channel * plane + pixel
        let difference = abs(answer.values[index] - expected.values[index])
        error = max(error, difference.isNaN ? 1 : difference)
        light += expected.values[index] / 3
      }
      let grey = UInt8(min(max(light * 160, 0), 255))
      let isWrong = error > 1.0 / 255 + 1e-6
      image.pixels[3 * pixel] = isWrong ? UInt8(min(255, 120 + error * 400)) : grey
      image.pixels[3 * pixel + 1] = isWrong ? 0 : grey
      image.pixels[3 * pixel + 2] = isWrong ? 0 : grey
    }
    return image
  }
}
