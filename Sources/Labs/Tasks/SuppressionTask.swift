import Detectors
import Diagnostics
import Graphs
import Metrics
import Tensors

/// Lab 4: the raw tensors of a detection head → boxes.
///
/// `in/…/head-0.npy`, `head-1.npy`: float32 [anchors, H, W, 5 + classes] before the sigmoid. `in/…/task.json`: strides,
/// anchors, thresholds. `out/…/detections.npy`: float32 [N, 6], x1, y1, x2, y2, score, class, by falling score.
struct SuppressionTask: CaseTask {
  static let name = "suppression"
  let groups = ["crowded", "classes", "ties", "limits", "empty", "not-finite"]

  struct Problem: Sendable {
    var contract: ModelContract
    let width: Int
    let height: Int
    /// Per level [anchors, H, W, 5 + classes].
    var heads: [[Float]]
    var suppression: Detectors.NonMaxSuppression

    var channelCount: Int { 5 + contract.classNames.count }
  }

  struct Answer: Sendable {
    /// x1, y1, x2, y2, score, class.
    var rows: [[Float]]
  }

  struct Settings: Codable {
    struct Level: Codable {
      var stride: Int
      var anchors: [[Float]]
    }
    var width: Int
    var height: Int
    var classes: Int
    var levels: [Level]
    var confidence: Float
    var overlap: Double
    var most: Int
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    // Overlaps near the threshold would be decided by the last bit.
    for _ in 0..<200 {
      let problem = try draw(group, random: &random)
      if try Self.isClear(problem) { return problem }
    }
    return try draw("empty", random: &random)
  }

  private func draw(_ group: String, random: inout SplitMix) throws -> Problem {
    let (width, height) = (32 * (2 + random.index(below: 3)), 32 * (2 + random.index(below: 3)))
    let classCount = 2 + random.index(below: 5)
    let levels = [8, 16].map { stride in
      ModelContract.Level(
        stride: stride,
        anchors: (0..<3).map { index in
          let side = Float(stride) * (1 + Float(index))
          return ModelContract.Anchor(
            width: side + Float(random.index(below: 9)),
            height: side + Float(random.index(below: 9))
          )
        }
      )
    }
    var contract = ModelContract(
      task: .detect,
      family: "lab",
      classNames: (0..<classCount).map { "class \($0)" },
      levels: levels,
      inputSize: [height, width]
    )
    contract.head = .raw
    var suppression = Detectors.NonMaxSuppression()
    suppression.confidenceThreshold = [0.25, 0.3, 0.4][random.index(below: 3)]
    suppression.iouThreshold = [0.45, 0.5, 0.6][random.index(below: 3)]
    suppression.maxDetections = group == "limits" ? 3 + random.index(below: 3) : 100
    var problem = Problem(
      contract: contract,
      width: width,
      height: height,
      heads: [],
      suppression: suppression
    )
    fill(&problem, group, &random)
    return problem
  }

  /// Background everywhere, and objects whose neighbouring cells see them too.
  private func fill(_ problem: inout Problem, _ group: String, _ random: inout SplitMix) {
    let channels = problem.channelCount
    for level in problem.contract.levels {
      let count =
        level.anchors.count * (problem.height / level.stride) * (problem.width / level.stride)
      var head = [Float](repeating: 0, count: count * channels)
      for index in head.indices {
        let isObjectness = index % channels == 4
        head[index] = Float(random.fraction() * 2 - 1) - (isObjectness ? 6 : 0)
      }
      problem.heads.append(head)
    }
    guard group != "empty" else { return }
    for _ in 0..<4 + random.index(below: 4) { place(&problem, group, &random) }
    guard group == "not-finite" else { return }
    for _ in 0..<3 {
      let level = random.index(below: problem.heads.count)
      let anchor = random.index(below: problem.heads[level].count / channels)
      problem.heads[level][anchor * channels + 4] = 6
      problem.heads[level][anchor * channels + 5] = 6
      let place = random.index(below: 5)
      problem.heads[level][anchor * channels + place] = .nan
    }
  }

  private func place(_ problem: inout Problem, _ group: String, _ random: inout SplitMix) {
    let channels = problem.channelCount
    let index = random.index(below: problem.contract.levels.count)
    let level = problem.contract.levels[index]
    let (rows, columns) = (problem.height / level.stride, problem.width / level.stride)
    let (row, column) = (random.index(below: rows), random.index(below: columns))
    let label = random.index(below: channels - 5)
    let anchor = random.index(below: level.anchors.count)
    let tied = Float(1.5 + random.fraction() * 2)
    for (dy, dx) in [(0, 0), (0, 1), (1, 0), (0, -1)] {
      let (y, x) = (row + dy, column + dx)
      guard (0..<rows).contains(y), (0..<columns).contains(x) else { continue }
      let base = ((anchor * rows + y) * columns + x) * channels
      // The centre stays where it is, seen from another cell.
      problem.heads[index][base] = Float(dx) * -1.2 + Float(random.fraction() * 0.4)
      problem.heads[index][base + 1] = Float(dy) * -1.2 + Float(random.fraction() * 0.4)
      problem.heads[index][base + 2] = Float(random.fraction() * 0.8)
      problem.heads[index][base + 3] = Float(random.fraction() * 0.8)
      problem.heads[index][base + 4] = group == "ties" ? tied : Float(0.5 + random.fraction() * 3)
      for other in 0..<channels - 5 {
        problem.heads[index][base + 5 + other] = Float(-3 - random.fraction())
      }
      // Two classes at one place: the second must survive.
      let isOther = group == "classes" && dx + dy != 0
      let shown = isOther ? (label + 1) % (channels - 5) : label
      problem.heads[index][base + 5 + shown] =
        group == "ties" ? 2 : Float(0.5 + random.fraction() * 3)
    }
  }

  func write(_ problem: Problem, to folder: String) throws {
    let settings = Settings(
      width: problem.width,
      height: problem.height,
      classes: problem.contract.classNames.count,
      levels: problem.contract.levels.map { level in
        Settings.Level(stride: level.stride, anchors: level.anchors.map { [$0.width, $0.height] })
      },
      confidence: problem.suppression.confidenceThreshold,
      overlap: problem.suppression.iouThreshold,
      most: problem.suppression.maxDetections
    )
    try AnswerFile.write(settings, folder, "task.json")
    for (index, head) in problem.heads.enumerated() {
      let tensor = try Tensor(head, shape: shape(problem, index))
      try AnswerFile.write(tensor, folder, "head-\(index).npy")
    }
  }

  func shape(_ problem: Problem, _ index: Int) -> Shape {
    let level = problem.contract.levels[index]
    return [
      level.anchors.count, problem.height / level.stride, problem.width / level.stride,
      problem.channelCount,
    ]
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let tensor = try AnswerFile.array(folder, "detections.npy")
    let shape = tensor.shape
    guard shape.rank == 2, shape[1] == 6, shape[0] <= 30_000 else {
      throw AnswerFile.malformed("detections.npy", "has shape \(shape), expected [N, 6]")
    }
    let values = try AnswerFile.floats(folder, "detections.npy", shape: shape.dimensions)
    return Answer(rows: (0..<shape[0]).map { Array(values[6 * $0..<6 * $0 + 6]) })
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    let tensor = try Tensor(answer.rows.flatMap(\.self), shape: [answer.rows.count, 6])
    try AnswerFile.write(tensor, folder, "detections.npy")
  }

  func title(_ problem: Problem) -> String {
    "\(problem.width)×\(problem.height), \(problem.contract.classNames.count) classes, IoU "
      + "\(problem.suppression.iouThreshold)"
  }

  func size(_ problem: Problem) -> Int { problem.heads.reduce(0) { $0 + $1.count } }
}
