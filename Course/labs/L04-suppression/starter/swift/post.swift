// Lab 4: the raw numbers of a detection head become boxes.
// Helpers: TensorIO.swift

import Foundation

struct Task: Decodable {
  struct Level: Decodable {
    var stride: Double
    /// Width and height of each.
    var anchors: [[Double]]
  }
  var levels: [Level]
  var confidence: Double
  var overlap: Double
  var most: Int
}

struct Candidate {
  var x1, y1, x2, y2: Double
  var score: Double
  var label: Int

  var area: Double { (x2 - x1) * (y2 - y1) }
}

func sigmoid(_ value: Double) -> Double { value > -700 ? 1 / (1 + exp(-value)) : 0 }

/// The candidates of one level, in the order of anchors and cells.
func decode(_ task: Task, _ level: Task.Level, _ head: Numbers) -> [Candidate] {
  let (anchors, rows, columns) = (head.shape[0], head.shape[1], head.shape[2])
  let channels = head.shape[3]
  var found: [Candidate] = []
  for anchor in 0..<anchors {
    let (anchorWidth, anchorHeight) = (level.anchors[anchor][0], level.anchors[anchor][1])
    for row in 0..<rows {
      for column in 0..<columns {
        let start = ((anchor * rows + row) * columns + column) * channels
        let cell = head.values[start..<start + channels].map(Double.init)
        //@fade 2 en: skip the cell if its box or its objectness is not a finite number | zh-Hans: 框或“有目标的概率”不是有限数时，跳过这个格子
        guard cell[..<5].allSatisfy(\.isFinite) else { continue }
        //@end
        let objectness = sigmoid(cell[4])
        guard objectness > task.confidence else { continue }
        //@fade 3 en: the best class and its probability; the score is objectness times that | zh-Hans: 取概率最高的类别；得分 = 有目标的概率 × 该概率
        //@instead let (best, score) = (0, objectness)
        let classes = cell[5...].map(sigmoid)
        let best = classes.indices.max { classes[$0] < classes[$1] } ?? 0
        let score = objectness * classes[best]
        //@end
        guard score > task.confidence else { continue }
        //@fade 3 en: centre and size of the box in input pixels, by the formulas of the text | zh-Hans: 按正文公式求框的中心与宽高（输入像素）
        //@instead let (x, y, width, height) = (Double(column), Double(row), anchorWidth, anchorHeight)
        let x = (2 * sigmoid(cell[0]) - 0.5 + Double(column)) * level.stride
        let y = (2 * sigmoid(cell[1]) - 0.5 + Double(row)) * level.stride
        let width = pow(2 * sigmoid(cell[2]), 2) * anchorWidth
        let height = pow(2 * sigmoid(cell[3]), 2) * anchorHeight
        //@end
        found.append(
          Candidate(
            x1: x - width / 2, y1: y - height / 2, x2: x + width / 2, y2: y + height / 2,
            score: score, label: best
          )
        )
      }
    }
  }
  return found
}

/// The shared area over the area of both together.
func overlap(_ a: Candidate, _ b: Candidate) -> Double {
  let width = min(a.x2, b.x2) - max(a.x1, b.x1)
  let height = min(a.y2, b.y2) - max(a.y1, b.y1)
  guard width > 0, height > 0 else { return 0 }
  let shared = width * height
  return shared / (a.area + b.area - shared)
}

/// Those that stay, by falling score; equal scores keep their order, as Swift's sort promises.
func suppress(_ candidates: [Candidate], _ threshold: Double, _ most: Int) -> [Candidate] {
  var kept: [Candidate] = []
  for candidate in candidates.sorted(by: { $0.score > $1.score }) {
    if kept.count == most { break }
    //@fade 3 en: keep it unless a kept box of the same class overlaps it by more than the threshold | zh-Hans: 若没有同类别的已保留框与它重叠超过阈值，就保留它
    //@instead kept.append(candidate)
    let rivals = kept.filter { $0.label == candidate.label }
    if !rivals.contains(where: { overlap(candidate, $0) > threshold }) { kept.append(candidate) }
    //@end
  }
  return kept
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      var candidates: [Candidate] = []
      for (index, level) in task.levels.enumerated() {
        candidates += decode(task, level, try readNPY(folder, "head-\(index).npy"))
      }
      let kept = suppress(candidates, task.overlap, task.most)
      let values = kept.flatMap { [$0.x1, $0.y1, $0.x2, $0.y2, $0.score, Double($0.label)] }
      let numbers = Numbers(shape: [kept.count, 6], values: values.map(Float.init))
      try writeNPY(output, "detections.npy", numbers)
    }
  }
}
