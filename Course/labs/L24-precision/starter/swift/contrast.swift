// Lab 24, second part: the same network at two sizes: where does which precision gain more?
// Helpers: TensorIO.swift, Commands.swift

struct Task: Decodable {
  /// The smaller first.
  var sizes: [Int]
  var precisions: [String]
  /// By size.
  var data: [String: String]
  var threads: Int
}

/// What `vitrine compare precision` says: the part of its JSON document that is needed here.
struct Document: Decodable {
  struct Comparison: Decodable {
    var rows: [Row]
  }
  struct Row: Decodable {
    var precision: String
    var verdict: Verdict?
  }
  /// Its time against that of fp32; fp32 itself has none.
  struct Verdict: Decodable {
    var lower: Double
    var ratio: Double
    var upper: Double
  }
  var precision: Comparison
}

/// How many times as fast as fp32 of the same size.
struct Speed {
  var atLeast: Double
  var likely: Double
  var atMost: Double
}

/// What a precision surely gains at a size over the other size.
struct Gain {
  var factor: Double
  var precision: String
  var size: Int
}

struct Answer: Encodable {
  var ordersDiffer: String
  var precision: String
  var faster: Int
  var atLeast: Double
  var times: [String: [String: Double]]
}

/// How fast each precision is at one size.
func measure(_ folder: String, _ size: Int, _ task: Task) throws -> [String: Speed] {
  let command =
    ["vitrine", "compare", "precision", "\(folder)/fp32-\(size).onnx", "--precisions"] + task.precisions + [
      "--int8", "\(folder)/int8-\(size).onnx", "--data", task.data["\(size)"] ?? "",
      "--threads", "\(task.threads)", "--duration", "0.8", "--no-history", "--json", "--quiet",
    ]
  var times = ["fp32": Speed(atLeast: 1, likely: 1, atMost: 1)]
  for row in try run(command).checked().json(Document.self).precision.rows {
    guard let verdict = row.verdict else { continue }
    // Ratios are time over time of fp32: the longest time is the least speed.
    func speed(_ ratio: Double) -> Double { 1 / max(ratio, 1e-9) }
    times[row.precision] = Speed(
      atLeast: speed(verdict.upper),
      likely: speed(verdict.ratio),
      atMost: speed(verdict.lower)
    )
  }
  return times
}

/// For each precision and size what it surely gains there over the other size.
func gains(_ times: [Int: [String: Speed]], _ sizes: [Int]) -> [Gain] {
  let (small, large) = (sizes[0], sizes[1])
  var found: [Gain] = []
  for precision in (times[small] ?? [:]).keys.sorted() {
    for (own, other) in [(small, large), (large, small)] {
      guard let here = times[own]?[precision], let there = times[other]?[precision] else { continue }
      //@fade 3 en: the least that it is here over the most that it is there | zh-Hans: 这里最少的倍数除以那里最多的倍数
      //@instead let factor = 1 + 0 * (here.likely + there.likely)
      let factor = here.atLeast / there.atMost
      //@end
      found.append(Gain(factor: factor, precision: precision, size: own))
    }
  }
  return found
}

/// Whether two precisions surely stand in another order at the other size.
func ordersDiffer(_ times: [Int: [String: Speed]], _ sizes: [Int]) -> String {
  func sign(_ first: Speed, _ second: Speed) -> Int {
    //@fade 3 en: 1 or -1 only where the intervals lie apart, 0 where they overlap | zh-Hans: 区间分开时才给 1 或 -1，重叠时给 0
    if first.atLeast > second.atMost { return 1 }
    if second.atLeast > first.atMost { return -1 }
    //@end
    return 0
  }

  let names = (times[sizes[0]] ?? [:]).keys.sorted()
  let pairs = names.indices.flatMap { place in names[(place + 1)...].map { (names[place], $0) } }
  // Of each pair, its order at either size.
  let signs = pairs.map { first, second in
    sizes.map { size -> Int in
      guard let one = times[size]?[first], let two = times[size]?[second] else { return 0 }
      return sign(one, two)
    }
  }
  if signs.contains(where: { $0[0] * $0[1] < 0 }) { return "yes" }
  return signs.allSatisfy { $0[0] == $0[1] && $0[0] != 0 } ? "no" : "unsure"
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      var times: [Int: [String: Speed]] = [:]
      for size in task.sizes { times[size] = try measure(folder, size, task) }
      let found = gains(times, task.sizes).max {
        ($0.factor, $0.precision, $0.size) < ($1.factor, $1.precision, $1.size)
      }
      guard let best = found else { continue }
      let figures = times.map { size, row in ("\(size)", row.mapValues(\.likely)) }
      let answer = Answer(
        ordersDiffer: ordersDiffer(times, task.sizes),
        precision: best.precision,
        faster: best.size,
        atLeast: 0.9 * best.factor,
        times: Dictionary(uniqueKeysWithValues: figures)
      )
      try writeJSON(output, "contrast.json", answer)
    }
  }
}
