// Lab 6: how fast is a device, how sure is that, and can it be believed?
// Helpers: TensorIO.swift, Talk.swift

struct Task: Decodable {
  var ask: String
  var devices: Int
  var bytes: Double
  var bytesPerSecond: Double
  var requestEvery: Int?
  var requests: Int?
}

/// What is asked for; the rest stays out of the file.
struct Report: Encodable {
  var p50: Int?
  var p95: Int?
  var p99: Int?
  var intervals: [[Int]]?
  var verdict: String?
}

/// Runs that are measured, and runs before them that are not counted.
let runs = 3000
let warmUp = 700

/// What a run on this input must give.
func result(_ number: Int) -> Int { number % 2_147_483_647 * 48271 % 2_147_483_647 }

/// Every third of some lines, from a first one on.
func everyThird(_ lines: [String], from first: Int) -> [String] {
  stride(from: first, to: lines.count, by: 3).map { lines[$0] }
}

/// Orders: the time, then for each input run, wait and the time again.
func orders(_ device: Int, _ numbers: [Int]) -> [String] {
  var orders = ["\(device) now"]
  for number in numbers {
    //@fade 3 en: start it, and wait until it is done | zh-Hans: 启动它，并等到做完
    //@instead orders += ["\(device) run \(number)", "\(device) now"]
    orders += ["\(device) run \(number)", "\(device) wait"]
    //@end
    orders.append("\(device) now")
  }
  return orders
}

/// The times between the readings of the clock in the answers to such orders.
func differences(_ answers: [String]) -> [Int] {
  let clock = everyThird(answers, from: 0).map { Int($0) ?? 0 }
  return zip(clock, clock.dropFirst()).map { before, after in after - before }
}

/// The time of each run in nanoseconds, each on an input of its own.
func measure(_ talk: Talk, _ device: Int, _ runs: Int) throws -> [Int] {
  var latencies = differences(try talk.ask(orders(device, Array(1...warmUp + runs))))
  //@fade 2 en: the first runs are not like the later ones | zh-Hans: 最初的几次和后来的不一样
  //@instead latencies.removeFirst(0)
  latencies.removeFirst(min(warmUp, latencies.count))
  //@end
  return latencies
}

/// The time that this share of the runs keeps: the nearest rank.
func quantile(_ times: [Int], _ share: Double) -> Int {
  //@fade 3 en: sort, then take the rank that the share says | zh-Hans: 排序，再按比例取名次
  //@instead return times[0]
  let ranked = times.sorted()
  return ranked[max(0, Int((share * Double(ranked.count)).rounded(.up)) - 1)]
  //@end
}

/// An interval that holds the true median at least 95 times in 100.
func interval(_ times: [Int]) -> [Int] {
  let ranked = times.sorted()
  let middle = ranked.count / 2
  //@fade 3 en: how many runs fall below the median is as in tossing a coin: so many ranks to both sides | zh-Hans: 落在中位数以下的次数就像抛硬币：向两边各取若干名次
  //@instead return [ranked[middle], ranked[middle]]
  let reach = Int((2.3 * Double(ranked.count).squareRoot() / 2).rounded(.up))
  return [ranked[max(0, middle - reach)], ranked[min(ranked.count - 1, middle + reach)]]
  //@end
}

/// Whether the device can be believed, and if not, what it does.
func verdict(_ talk: Talk, _ floor: Double) throws -> String {
  let numbers = Array(1...warmUp + 60)
  let answers = try talk.ask(orders(0, numbers))
  let given = everyThird(answers, from: 2).map { Int($0.split(separator: " ").last ?? "") ?? 0 }
  let times = Array(differences(answers).dropFirst(warmUp))
  //@fade 2 en: are the results right, or those of the run before? | zh-Hans: 结果对吗，还是上一次的结果？
  //@instead _ = given
  let stale = numbers.map { result($0 - 1) }
  if given.dropFirst() == stale.dropFirst() { return "early" }
  if given != numbers.map(result) { return "skips" }
  //@end
  let fresh = Double(quantile(times, 0.5))
  //@fade 3 en: nothing is faster than its bytes allow | zh-Hans: 再快也快不过搬运这些字节
  if fresh < floor { return "impossible" }
  //@end
  let again = differences(try talk.ask(orders(0, [Int](repeating: 1, count: 60))))
  let repeated = Double(quantile(again, 0.5))
  //@fade 3 en: the same input must take as long as a new one | zh-Hans: 同一个输入应当和新输入一样慢
  //@instead _ = (fresh, repeated)
  if repeated < 0.9 * fresh { return "cached" }
  //@end
  return "honest"
}

/// The times of requests that come at fixed times, whether the device is free or not.
func underLoad(_ talk: Talk, _ every: Int, _ requests: Int) throws -> [Int] {
  let warm = try talk.ask(orders(0, Array(1...warmUp)))
  let start = (warm.last.flatMap { Int($0) } ?? 0) + every
  let dues = (0..<requests).map { start + $0 * every }
  let everything = try talk.ask(
    dues.enumerated().flatMap { number, due in
      ["0 until \(due)", "0 run \(warmUp + 1 + number)", "0 wait", "0 now"]
    }
  )
  return dues.indices.map { number in
    let clock = everything[4 * number..<4 * number + 4].map { Int($0) ?? 0 }
    //@fade 3 en: who comes while the device is busy waits, and that counts | zh-Hans: 设备忙时来的请求要排队，排队也算时间
    //@instead return clock[3] - clock[0]
    return clock[3] - dues[number]
    //@end
  }
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      let talk = try Talk(folder)
      let floor = task.bytes / task.bytesPerSecond * 1e9
      var report = Report()
      switch task.ask {
      case "median": report.p50 = quantile(try measure(talk, 0, runs), 0.5)
      case "tail": report.p99 = quantile(try measure(talk, 0, runs), 0.99)
      case "interval":
        report.intervals = try (0..<task.devices).map { interval(try measure(talk, $0, 300)) }
      case "believe": report.verdict = try verdict(talk, floor)
      default:
        let times = try underLoad(talk, task.requestEvery ?? 1, task.requests ?? 1)
        report.p95 = quantile(times, 0.95)
      }
      try writeJSON(output, "report.json", report)
    }
  }
}
