// Lab 25: which comparisons are fair, and what engines take when they are.
// Helpers: TensorIO.swift, Commands.swift

import Foundation

struct Task: Decodable {
  var engines: [String]
  var threads: Int
}

/// Two runs that somebody wants to compare.
struct Pair: Decodable {
  var a: Run
  var b: Run
}

struct Run: Decodable {
  var input: [Int]
  var precision: String
  var threads: Int
  var warmUp: Int
  var timed: [String]
  var difference: Double
}

/// What `vitrine bench` says: the part of its JSON document that is needed here.
struct Document: Decodable {
  struct Benchmark: Decodable {
    var backend: String
    var engine: Engine
  }
  struct Engine: Decodable {
    var summary: Summary
  }
  struct Summary: Decodable {
    var p50: Double
  }
  var benchmarks: [Benchmark]
}

/// What is asked for; the rest stays out of the file.
struct Answer: Encodable {
  struct Engine: Encodable {
    var ms: Double
    var throughput: Double
    var times: Double
  }
  var reasons: [[String]]?
  var engines: [String: Engine]?
  var fastest: String?
  var atLeast: Double?
  var absent: [String: String]?
}

/// What speaks against comparing two runs; nothing where they are like with like.
func reasons(_ a: Run, _ b: Run) -> [String] {
  var found: [String] = []
  //@fade 3 en: six things must be alike or small: see the rules | zh-Hans: 六样东西必须相同或足够小：见规则
  //@instead found += []
  if a.input != b.input { found.append("input") }
  if a.precision != b.precision { found.append("precision") }
  if a.threads != b.threads { found.append("threads") }
  if min(a.warmUp, b.warmUp) == 0 { found.append("warm-up") }
  if a.timed.sorted() != b.timed.sorted() { found.append("scope") }
  if max(a.difference, b.difference) > 0.1 { found.append("answers") }
  //@end
  return found
}

/// The median milliseconds of one run of each engine, measured in turns, and why others cannot run.
func measure(_ network: String, _ engines: [String], _ threads: Int) throws
  -> (ms: [String: Double], absent: [String: String])
{
  if engines.isEmpty { return ([:], [:]) }
  let done = try run([
    "vitrine", "bench", network, "--backend", engines.joined(separator: ","),
    "--threads", "\(threads)", "--duration", "0.2", "--no-history", "--json", "--quiet",
  ])
  if done.status == 0 {
    let found = try done.json(Document.self).benchmarks
    return (Dictionary(uniqueKeysWithValues: found.map { ($0.backend, $0.engine.summary.p50) }), [:])
  }
  if engines.count == 1 { return ([:], [engines[0]: done.reason]) }
  // One of them is not there: find out which, and measure the others together.
  var absent: [String: String] = [:]
  for engine in engines {
    absent.merge(try measure(network, [engine], threads).absent) { $1 }
  }
  let rest = engines.filter { absent[$0] == nil }
  guard rest.count < engines.count else { throw FileProblem(text: done.errors) }
  return (try measure(network, rest, threads).ms, absent)
}

/// What measuring the engines of a task comes to.
func compare(_ folder: String, _ task: Task) throws -> Answer {
  let (ms, absent) = try measure("\(folder)/network.onnx", task.engines, task.threads)
  let engines = ms.mapValues { own in
    let base = ms[task.engines[0]] ?? own
    //@fade 2 en: pictures per second, and how many times as fast as the first engine | zh-Hans: 每秒多少张，以及快到第一个引擎的几倍
    //@instead let (throughput, times) = (0.0, 0 * base + 1)
    let throughput = 1000 / own
    let times = base / own
    //@end
    return Answer.Engine(ms: own, throughput: throughput, times: times)
  }
  //@fade 3 en: the one that takes least, and a claim that will hold when somebody measures again | zh-Hans: 用时最少的那个，以及别人重测时也成立的说法
  //@instead let (fastest, surely) = ("", 0.0)
  let fastest = ms.min { $0.value < $1.value }?.key ?? ""
  let surely = 0.8 * (engines[fastest]?.times ?? 0)
  //@end
  return Answer(engines: engines, fastest: fastest, atLeast: surely, absent: absent)
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      var answer = Answer()
      if FileManager.default.fileExists(atPath: "\(folder)/runs.json") {
        let pairs = try readJSON([Pair].self, folder, "runs.json")
        answer.reasons = pairs.map { reasons($0.a, $0.b) }
      } else {
        answer = try compare(folder, try readJSON(Task.self, folder, "task.json"))
      }
      try writeJSON(output, "answer.json", answer)
    }
  }
}
