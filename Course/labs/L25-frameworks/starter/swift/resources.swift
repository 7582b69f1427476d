// Lab 25, second part: what engines use, each in a process of its own: time, memory, processor.
// Helpers: TensorIO.swift, Commands.swift

struct Task: Decodable {
  var engines: [String]
  var size: Int
  var threads: Int
}

/// What `vitrine compare frameworks` says: the part of its JSON document that is needed here.
struct Document: Decodable {
  var engines: [Column]
}

/// One engine: why it was not measured, or its figures.
struct Column: Decodable {
  struct Latency: Decodable {
    var p50: Double
  }
  var engine: String
  var absence: String?
  var latency: Latency?
  var throughput: Double?
  /// In bytes.
  var peakMemory: Double?
  var processorLoad: Double?
}

struct Answer: Encodable {
  struct Cells: Encodable {
    var ms: Double
    var throughput: Double
    var peakMiB: Double
    var processorMs: Double
  }
  var engines: [String: Cells] = [:]
  var absent: [String: String] = [:]
}

/// The engines of `vitrine compare frameworks`.
func measure(_ folder: String, _ task: Task) throws -> [Column] {
  let done = try run(
    ["vitrine", "compare", "frameworks", "\(folder)/model.pt", "--backends"] + task.engines + [
      "--threads", "\(task.threads)", "--imgsz", "\(task.size)", "--duration", "0.6",
      "--no-history", "--json", "--quiet",
    ]
  )
  // 1: the comparison is not fair in every point, and its figures are there all the same.
  if ![0, 1].contains(done.status) { return task.engines.map { Column(engine: $0, absence: done.reason) } }
  return try done.json(Document.self).engines
}

/// The figures of one engine that was measured.
func cells(_ column: Column) throws -> Answer.Cells {
  guard let ms = column.latency?.p50, let throughput = column.throughput,
    let bytes = column.peakMemory, let load = column.processorLoad
  else { throw FileProblem(text: "\(column.engine) lacks figures") }
  //@fade 3 en: bytes to MiB; the load says how many processors were busy, so one run takes that share of its mean time | zh-Hans: 字节换成 MiB；负载说的是有几个处理器在忙，一次运行的处理器时间就是平均耗时乘上它
  //@instead let (memory, processor) = (0 * bytes, 0 * load)
  let memory = bytes / 1_048_576
  let processor = load * 1000 / throughput
  //@end
  return Answer.Cells(ms: ms, throughput: throughput, peakMiB: memory, processorMs: processor)
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      var answer = Answer()
      for column in try measure(folder, task) {
        if let reason = column.absence {
          answer.absent[column.engine] = reason
        } else {
          answer.engines[column.engine] = try cells(column)
        }
      }
      try writeJSON(output, "resources.json", answer)
    }
  }
}
