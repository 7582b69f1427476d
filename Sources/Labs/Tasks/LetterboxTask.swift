import Detectors
import Diagnostics
import Graphs
import Images
import Metrics
import Tensors

/// Lab 3: a picture of any size and kind → the network's input, and the way back.
///
/// `in/…/image.npy`: bytes, [H, W] grey, [H, W, 3] RGB or [H, W, 4] RGBA. `in/…/task.json`: the input's height and
/// width. `out/…/input.npy`: float32 [3, H, W]. `out/…/transform.json`: scale, left, top.
struct LetterboxTask: CaseTask {
  static let name = "letterbox"
  let groups = ["scaled", "unit", "extreme", "channels"]

  struct Problem: Sendable {
    /// Of the picture: 1, 3 or 4.
    let channels: Int
    let width: Int
    let height: Int
    /// [H, W, channels].
    let pixels: [UInt8]
    let inputWidth: Int
    let inputHeight: Int
  }

  struct Answer: Sendable {
    /// [3, H, W].
    var values: [Float]
    var transform: Transform
  }

  /// Position in the input = position in the picture · scale + left or top.
  struct Transform: Sendable, Codable {
    var scale: Double
    var left: Double
    var top: Double
  }

  private struct Settings: Codable {
    var height: Int
    var width: Int
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    let inputWidth = 32 * (2 + random.index(below: 3))
    let inputHeight = 32 * (2 + random.index(below: 3))
    var (width, height, channels) = (0, 0, 3)
    switch group {
    case "unit": (width, height) = (inputWidth, inputHeight - random.index(below: 20))
    case "extreme":
      let shapes = [(1, 1), (2, 3), (400, 3), (3, 300), (1, 57), (250, 11)]
      (width, height) = shapes[(index - 1) % shapes.count]
    case "channels":
      channels = index % 2 == 1 ? 1 : 4
      (width, height) = (20 + random.index(below: 100), 20 + random.index(below: 100))
    default:
      // Every third wide, every third tall; never the input's own scale.
      repeat {
        width = 17 + random.index(below: index % 3 == 1 ? 200 : 110)
        height = 17 + random.index(below: index % 3 == 2 ? 200 : 110)
      } while abs(Double(inputWidth) / Double(width) - 1) < 0.1
        || abs(Double(inputHeight) / Double(height) - 1) < 0.1
    }
    let pixels = RandomPicture.pixels(
      width: width,
      height: height,
      channels: channels,
      random: &random
    )
    return Problem(
      channels: channels,
      width: width,
      height: height,
      pixels: pixels,
      inputWidth: inputWidth,
      inputHeight: inputHeight
    )
  }

  func write(_ problem: Problem, to folder: String) throws {
    let shape =
      [problem.height, problem.width] + (problem.channels == 1 ? [] : [problem.channels])
    try AnswerFile.write(
      Settings(height: problem.inputHeight, width: problem.inputWidth),
      folder,
      "task.json"
    )
    try AnswerFile.write(try Tensor(problem.pixels, shape: Shape(shape)), folder, "image.npy")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let shape = [3, problem.inputHeight, problem.inputWidth]
    return Answer(
      values: try AnswerFile.floats(folder, "input.npy", shape: shape),
      transform: try AnswerFile.json(Transform.self, folder, "transform.json")
    )
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    let shape = Shape([3, problem.inputHeight, problem.inputWidth])
    try AnswerFile.write(try Tensor(answer.values, shape: shape), folder, "input.npy")
    try AnswerFile.write(answer.transform, folder, "transform.json")
  }

  func title(_ problem: Problem) -> String {
    let kind = [1: "grey", 3: "RGB", 4: "RGBA"][problem.channels] ?? ""
    return "\(problem.width)×\(problem.height) \(kind) → "
      + "\(problem.inputWidth)×\(problem.inputHeight)"
  }

  func size(_ problem: Problem) -> Int {
    problem.width * problem.height + problem.inputWidth * problem.inputHeight
  }
}
