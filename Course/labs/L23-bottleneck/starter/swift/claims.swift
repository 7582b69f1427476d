// Lab 23: where time goes, and what the whole gains if a part becomes twice as fast.
// Helpers: TensorIO.swift

struct Task: Decodable {
  var mode: String
  var parts: [Part]
  /// What becomes twice as fast, each set by itself.
  var asked: [[String]]
}

struct Part: Decodable {
  var name: String
  var ms: Double
}

struct Claims: Encodable {
  var hotspots: [String]
  var claims: [Double]
}

/// Milliseconds of the whole; of stages that overlap, those between two results in the long run.
func total(_ parts: [Part], _ mode: String) -> Double {
  let times = parts.map(\.ms)
  //@fade 3 en: in turn, times add up; overlapped, who decides? | zh-Hans: 轮流进行时，时间相加；同时进行时，由谁决定？
  //@instead return times.isEmpty ? 0 : 1
  return mode == "in-turn" ? times.reduce(0, +) : times.max() ?? 0
  //@end
}

/// The same parts, those of these names twice as fast.
func faster(_ parts: [Part], _ names: [String]) -> [Part] {
  parts.map { part in
    var changed = part
    //@fade 2 en: half the time for those that are named | zh-Hans: 被点名的，时间减半
    //@instead changed.ms = part.ms
    if names.contains(part.name) { changed.ms = part.ms / 2 }
    //@end
    return changed
  }
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "profile.json")
      //@fade 3 en: the three parts that take most | zh-Hans: 最费时的三个部分
      //@instead let hottest = task.parts.prefix(3)
      let hottest = task.parts.sorted { $0.ms > $1.ms }.prefix(3)
      //@end
      let claims = task.asked.map { names in
        let before = total(task.parts, task.mode)
        let after = total(faster(task.parts, names), task.mode)
        //@fade 2 en: how many times as fast the whole becomes | zh-Hans: 整体快到几倍
        //@instead return 2.0 + 0 * (before + after)
        return before / after
        //@end
      }
      try writeJSON(output, "claims.json", Claims(hotspots: hottest.map(\.name), claims: claims))
    }
  }
}
