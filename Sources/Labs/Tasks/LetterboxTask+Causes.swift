import Detectors
import Images

extension LetterboxTask {
  /// m01 to m06 of the course's catalogue, and what beginners add to them.
  var hypotheses: [Hypothesis<Problem, Answer>] {
    [
      .make("stretched") { problem in
        try pixelsOnly(LetterboxTask().reference(problem) { $0.fit = .stretch })
      },
      .undo("channels-swapped") { answer, problem in
        let plane = problem.inputWidth * problem.inputHeight
        var answer = answer
        let values = answer.values
        answer.values.replaceSubrange(0..<plane, with: values[(2 * plane)...])
        answer.values.replaceSubrange((2 * plane)..., with: values[..<plane])
        return answer
      },
      .undo("not-divided") { answer, _ in answer.scaled(by: 1 / 255) },
      .undo("divided-twice") { answer, _ in answer.scaled(by: 255) },
      .make("pad-black") { problem in
        try pixelsOnly(LetterboxTask().reference(problem) { $0.padValue = 0 })
      },
      .undo("pad-one-side") { answer, problem in try moved(answer, problem) },
      .undo("interleaved") { answer, problem in
        let plane = problem.inputWidth * problem.inputHeight
        var mended = answer
        for pixel in 0..<plane {
          for channel in 0..<3 {
            mended.values[channel * plane + pixel] = answer.values[3 * pixel + channel]
          }
        }
        return mended
      },
      .make("nearest") { problem in
        try pixelsOnly(LetterboxTask().resampled(problem, .nearest))
      },
      .make("corners-aligned") { problem in
        try pixelsOnly(LetterboxTask().resampled(problem, .corners))
      },
    ]
  }
}

extension LetterboxTask.Answer {
  fileprivate func scaled(by factor: Float) -> Self {
    var answer = self
    for index in answer.values.indices { answer.values[index] *= factor }
    return answer
  }
}

/// The answer without its transform: who makes the mistake may say anything there.
private func pixelsOnly(_ answer: LetterboxTask.Answer) -> LetterboxTask.Answer {
  var answer = answer
  answer.transform.scale = .nan
  return answer
}

/// The answer with the picture moved from the corner to where the right answer has it.
private func moved(
  _ answer: LetterboxTask.Answer,
  _ problem: LetterboxTask.Problem
) throws -> LetterboxTask.Answer? {
  let placement = LetterboxTask.Placement(problem)
  guard placement.left > 0 || placement.top > 0 else { return nil }
  let (width, height) = (problem.inputWidth, problem.inputHeight)
  var mended = answer
  for channel in 0..<3 {
    let plane = channel * width * height
    for y in 0..<height {
      for x in 0..<width {
        let (fromX, fromY) = (x - placement.left, y - placement.top)
        let isInside =
          (0..<placement.width).contains(fromX) && (0..<placement.height).contains(fromY)
        mended.values[plane + y * width + x] =
          isInside ? answer.values[plane + fromY * width + fromX] : Float(114) / 255
      }
    }
  }
  mended.transform.left += Double(placement.left)
  mended.transform.top += Double(placement.top)
  return mended
}

extension LetterboxTask {
  /// Where the scaled picture lies, in input pixels.
  struct Placement {
    let width: Int
    let height: Int
    let left: Int
    let top: Int

    init(_ problem: Problem) {
      let (w, h) = (Double(problem.width), Double(problem.height))
      let scale = min(Double(problem.inputWidth) / w, Double(problem.inputHeight) / h)
      width = max(1, Int((w * scale).rounded(.toNearestOrEven)))
      height = max(1, Int((h * scale).rounded(.toNearestOrEven)))
      func border(_ room: Int) -> Int {
        max(0, Int((Double(room) / 2 - 0.1).rounded(.toNearestOrEven)))
      }
      left = border(problem.inputWidth - width)
      top = border(problem.inputHeight - height)
    }
  }

  enum Resampling {
    case nearest
    case corners
  }

  /// The right answer but for the rule that gives a pixel its place.
  func resampled(_ problem: Problem, _ rule: Resampling) throws -> Answer {
    var answer = try reference(problem)
    let image = try Self.image(problem)
    let placement = Placement(problem)
    func source(_ index: Int, _ count: Int, _ size: Int) -> (Int, Int, Double) {
      if rule == .nearest {
        let position = min(size - 1, index * size / count)
        return (position, position, 0)
      }
      let corners = count > 1 ? Double(index) * Double(size - 1) / Double(count - 1) : 0
      let low = min(size - 1, Int(corners))
      return (low, min(size - 1, low + 1), corners - Double(low))
    }
    for y in 0..<placement.height {
      let (top, bottom, fy) = source(y, placement.height, problem.height)
      for x in 0..<placement.width {
        let (left, right, fx) = source(x, placement.width, problem.width)
        for channel in 0..<3 {
          func pixel(_ x: Int, _ y: Int) -> Double {
            Double(image.pixels[(y * problem.width + x) * 3 + channel])
          }
          let upper = pixel(left, top) * (1 - fx) + pixel(right, top) * fx
          let lower = pixel(left, bottom) * (1 - fx) + pixel(right, bottom) * fx
          let value = (upper * (1 - fy) + lower * fy) / 255
          let row = channel * problem.inputHeight + placement.top + y
          answer.values[row * problem.inputWidth + placement.left + x] = Float(value)
        }
      }
    }
    return answer
  }
}
