// Lab 20, second part: how many requests to gather, and how long the first may wait for company.
// Helpers: TensorIO.swift

struct Task: Decodable {
  var fixedMs: Double
  var eachMs: Double
  var p99Ms: Double
}

struct Policy: Encodable {
  var maxBatch: Int
  var waitMs: Double
}

let batches = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]

/// Runs a policy on arrivals: sorted latencies, and busy milliseconds for each request.
func serve(_ arrivals: [Double], _ task: Task, _ largest: Int, _ wait: Double)
  -> (latencies: [Double], cost: Double)
{
  var latencies: [Double] = []
  var (free, busy, place) = (0.0, 0.0, 0)
  while place < arrivals.count {
    let (first, last) = (arrivals[place], place + largest - 1)
    //@fade 3 en: a batch begins when the server is free, and enough requests are there or the first has waited long enough | zh-Hans: 服务器空闲，而且请求够数了、或者第一个等够了，这一批就开始
    //@instead let start = max(free, first)
    let full = last < arrivals.count ? arrivals[last] : .infinity
    let start = max(free, min(full, first + wait))
    //@end
    var end = place
    while end < arrivals.count, end <= last, arrivals[end] <= start { end += 1 }
    let taken = task.fixedMs + task.eachMs * Double(end - place)
    free = start + taken
    busy += taken
    latencies += arrivals[place..<end].map { free - $0 }
    place = end
  }
  return (latencies.sorted(), busy / Double(arrivals.count))
}

/// A careful P99: 99 of 100 requests take no longer, and some more for chance.
func tail(_ latencies: [Double]) -> Double {
  //@fade 3 en: the rank that leaves one in a hundred above it, moved up by two standard deviations of such a count | zh-Hans: 留下百分之一在它之上的名次，再往上挪两个标准差
  //@instead return latencies[latencies.count / 2]
  let count = Double(latencies.count)
  let rank = 0.99 * count + 2 * (count * 0.99 * 0.01).squareRoot()
  return latencies[min(latencies.count - 1, Int(rank))]
  //@end
}

/// The policy that keeps the bound with the least busy time for each request.
func cheapest(_ arrivals: [Double], _ task: Task) -> Policy {
  var best = (cost: Double.infinity, largest: 1, wait: 0.0)
  for largest in batches {
    for share in 0..<17 {
      let wait = Double(share) / 20 * task.p99Ms
      let (latencies, cost) = serve(arrivals, task, largest, wait)
      //@fade 3 en: only policies that keep the bound, with a little room: tomorrow's arrivals are others | zh-Hans: 只要守住上限的方案，并留一点余地：明天来的请求不一样
      //@instead best = (cost + 0 * tail(latencies), largest, wait)
      if tail(latencies) <= 0.95 * task.p99Ms, (cost, largest, wait) < best {
        best = (cost, largest, wait)
      }
      //@end
    }
  }
  return Policy(maxBatch: best.largest, waitMs: best.wait)
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      let arrivals = try readJSON([Double].self, folder, "arrivals.json")
      try writeJSON(output, "policy.json", cheapest(arrivals, task))
    }
  }
}
