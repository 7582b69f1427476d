// Lab 25, third part: at which load does the order of two engines turn round?
// Helpers: TensorIO.swift, Commands.swift

struct Task: Decodable {
  var engines: [String]
  var batches: [Int]
  var threads: Int
}

/// What `vitrine bench` says: the part of its JSON document that is needed here.
struct Document: Decodable {
  struct Verdict: Decodable {
    var quantity: String
    var lower: Double
    var ratio: Double
    var upper: Double
  }
  var verdicts: [Verdict]
}

/// How many times as fast the second engine is as the first.
struct Speed {
  var atLeast = 1.0
  var likely = 1.0
  var atMost = 1.0
}

struct Answer: Encodable {
  var times: [String: Double] = [:]
  var flipBetween: [Int]?
  var absent: String?

  private enum CodingKeys: CodingKey { case times, flipBetween, absent }

  /// That there is no flip stands in the file, as null; a reason that is not there stays out of it.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(times, forKey: .times)
    try container.encode(flipBetween, forKey: .flipBetween)
    try container.encodeIfPresent(absent, forKey: .absent)
  }
}

/// For each batch how fast the second engine is; or why that cannot be measured.
func measure(_ network: String, _ task: Task) throws -> (times: [Int: Speed], reason: String?) {
  let batches = task.batches.map(String.init).joined(separator: ",")
  let done = try run([
    "vitrine", "bench", network, "--backend", task.engines.joined(separator: ","), "--batch", batches,
    "--threads", "\(task.threads)", "--duration", "2", "--no-history", "--json", "--quiet",
  ])
  if done.status != 0 { return ([:], done.reason) }
  // One verdict for each batch: the second engine's time over the first's.
  let verdicts = try done.json(Document.self).verdicts.filter { $0.quantity == "engine" }
  var times: [Int: Speed] = [:]
  for (batch, verdict) in zip(task.batches, verdicts) {
    func turned(_ ratio: Double) -> Double { 1 / max(ratio, 1e-9) }
    var speed = Speed()
    //@fade 2 en: the question is the other way round: the first's time over the second's | zh-Hans: 问的是反过来的：第一个的时间除以第二个的
    //@instead speed.likely = 1 + 0 * turned(verdict.ratio)
    speed.atLeast = turned(verdict.upper)
    speed.likely = turned(verdict.ratio)
    speed.atMost = turned(verdict.lower)
    //@end
    times[batch] = speed
  }
  return (times, nil)
}

/// The first two neighbours between which the order surely turns round; nil where it does not.
func flip(_ times: [Int: Speed], _ batches: [Int]) -> [Int]? {
  //@fade 3 en: one interval wholly above 1, the next wholly below, or the other way round | zh-Hans: 一个区间整个在 1 以上，下一个整个在 1 以下，或者相反
  for (one, two) in zip(batches, batches.dropFirst()) {
    guard let own = times[one], let next = times[two] else { continue }
    let falls = own.atLeast > 1 && next.atMost < 1
    let rises = own.atMost < 1 && next.atLeast > 1
    if falls || rises { return [one, two] }
  }
  //@end
  return nil
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      let (times, reason) = try measure("\(folder)/network.onnx", task)
      var answer = Answer(absent: reason)
      if reason == nil {
        //@fade 3 en: the most likely figure of each batch | zh-Hans: 每个批次最可能的那个数
        //@instead answer.times = [:]
        for (batch, speed) in times { answer.times["\(batch)"] = speed.likely }
        //@end
        answer.flipBetween = flip(times, task.batches)
      }
      try writeJSON(output, "loads.json", answer)
    }
  }
}
