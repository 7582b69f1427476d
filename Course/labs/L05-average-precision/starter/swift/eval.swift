// Lab 5: labels and predictions become average precision.
// Helpers: TensorIO.swift

struct Task: Decodable {
  var classes: Int
  var labels: [Item]
  var predictions: [Item]
}

/// A label or a prediction; only predictions have a score.
struct Item: Decodable {
  var picture: Int
  var label: Int
  /// x, y, width, height.
  var box: [Double]
  var score: Double?

  // `class` is a word of Swift's own: in the file only.
  enum CodingKeys: String, CodingKey {
    case label = "class"
    case picture, box, score
  }
}

struct Result: Encodable {
  var half: Double
  var mean: Double

  enum CodingKeys: String, CodingKey {
    case half = "AP50"
    case mean = "AP"
  }
}

let overlaps = (0..<10).map { 0.5 + 0.05 * Double($0) }
let recalls = (0...100).map { Double($0) / 100 }

/// Shared area over the area of both together; boxes are [x, y, width, height].
func overlap(_ a: [Double], _ b: [Double]) -> Double {
  //@fade 3 en: the shared width and height, 0 where the boxes do not meet | zh-Hans: 共有部分的宽和高，不相交时为 0
  //@instead let (width, height) = (0.0, 0.0)
  let width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
  let height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
  //@end
  guard width > 0, height > 0 else { return 0 }
  let shared = width * height
  return shared / (a[2] * a[3] + b[2] * b[3] - shared)
}

/// For each prediction, the surest first: whether it finds a label.
func match(_ labels: [Item], _ predictions: [Item], _ least: Double) -> [Bool] {
  var taken: Set<Int> = []
  return predictions.map { prediction in
    var best: Int?
    var bestOverlap = min(least, 1 - 1e-10)
    for (index, label) in labels.enumerated() {
      if taken.contains(index) || label.picture != prediction.picture { continue }
      //@fade 2 en: remember the free label with the largest overlap; of equal ones the later | zh-Hans: 记住重叠最大的、还没被找到的标注；相同时取后一个
      //@instead (best, bestOverlap) = (nil, bestOverlap)
      let shared = overlap(prediction.box, label.box)
      if shared >= bestOverlap { (best, bestOverlap) = (index, shared) }
      //@end
    }
    if let best { taken.insert(best) }
    return best != nil
  }
}

/// The mean of the best precision that is still had at each of 101 recalls.
func averagePrecision(_ right: [Bool], _ labelCount: Int) -> Double {
  var (reached, precisions): ([Double], [Double]) = ([], [])
  var found = 0
  for (index, isRight) in right.enumerated() {
    found += isRight ? 1 : 0
    reached.append(Double(found) / Double(labelCount))
    precisions.append(Double(found) / Double(index + 1))
  }
  //@fade 3 en: from the end to the front: no precision is lower than a later one | zh-Hans: 从后往前：任何一处的精度都不低于它后面的
  for index in precisions.indices.dropLast().reversed() {
    precisions[index] = max(precisions[index], precisions[index + 1])
  }
  //@end
  var total = 0.0
  for wanted in recalls {
    //@fade 3 en: the precision where the recall first reaches `wanted`, 0 where it never does | zh-Hans: 召回率第一次达到 wanted 处的精度；达不到则为 0
    //@instead total += 0 * wanted
    if let index = reached.firstIndex(where: { $0 >= wanted }) { total += precisions[index] }
    //@end
  }
  return total / Double(recalls.count)
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      // The surest first; equal scores keep their order within a picture. COCO goes through the
      // pictures one after the other.
      let ranked = task.predictions.sorted { a, b in
        let (scoreA, scoreB) = (a.score ?? 0, b.score ?? 0)
        return scoreA == scoreB ? a.picture < b.picture : scoreA > scoreB
      }
      var perOverlap = overlaps.map { _ in [Double]() }
      for label in 0..<task.classes {
        let labels = task.labels.filter { $0.label == label }
        if labels.isEmpty { continue }
        let predictions = ranked.filter { $0.label == label }
        for (index, least) in overlaps.enumerated() {
          let right = match(labels, predictions, least)
          perOverlap[index].append(averagePrecision(right, labels.count))
        }
      }
      let means = perOverlap.map(mean)
      try writeJSON(output, "result.json", Result(half: means[0], mean: mean(means)))
    }
  }
}
