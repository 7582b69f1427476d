// Lab 20: how many threads each stage gets, and how many elements may wait between two stages.
// Helpers: TensorIO.swift

struct Task: Decodable {
  struct Stage: Decodable {
    var name: String
    var ms: Double
  }
  var stages: [Stage]
  var threads: Int
}

struct Plan: Encodable {
  var workers: [Int]
  var capacity: Int
}

/// Threads of each stage, `threads` in all; each stage needs at least one.
func division(_ stages: [Task.Stage], _ threads: Int) -> [Int] {
  var workers = [Int](repeating: 1, count: stages.count)
  for _ in 0..<max(0, threads - stages.count) {
    //@fade 3 en: which stage lets the others wait now? A stage with w threads gives a result every ms / w | zh-Hans: 现在是哪一段让别的段等？有 w 个线程的段每 ms / w 给出一个结果
    //@instead let slowest = 0
    func interval(_ index: Int) -> Double { stages[index].ms / Double(workers[index]) }
    let slowest = stages.indices.max { interval($0) < interval($1) } ?? 0
    //@end
    //@fade 2 en: it gets one more | zh-Hans: 给它加一个
    //@instead workers[slowest] += 0
    workers[slowest] += 1
    //@end
  }
  return workers
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      let workers = division(task.stages, task.threads)
      //@fade 3 en: the fewest that still let two stages work at the same time | zh-Hans: 仍能让两段同时工作的最小值
      //@instead let capacity = 100
      let capacity = 1
      //@end
      try writeJSON(output, "plan.json", Plan(workers: workers, capacity: capacity))
    }
  }
}
