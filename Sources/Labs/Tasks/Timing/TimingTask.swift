import Diagnostics
import Glibc
import Images
import Metrics

/// Lab 6: a device of unknown speed → how fast it is, how sure that is, and whether it can be believed.
///
/// The device is on the other side of a conversation. `in/…/task.json`: what is asked for. `out/…/report.json`: times in nanoseconds.
/// The truth is the law that the device follows, which is in no file.
struct TimingTask: CaseTask {
  static let name = "timing"
  let groups = ["median", "tail", "interval", "believe", "load"]
  let answersQuestions = true

  struct Problem: Sendable {
    var group: String
    var devices: [SimulatedDevice]
    /// The least time that the work can take: its bytes over the memory's speed.
    var floor: Double
    /// Time between requests, and how many; for load.
    var interval = 0.0
    var requests = 0
  }

  struct Answer: Sendable, Codable {
    var p50: Double?
    var p95: Double?
    var p99: Double?
    /// One pair for each device.
    var intervals: [[Double]]?
    var verdict: String?
  }

  private struct Settings: Codable {
    var ask: String
    var devices: Int
    var bytes: Int
    var bytesPerSecond: Int
    var requestEvery: Int?
    var requests: Int?
  }

  private static let bandwidth = 10_000_000_000

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    let kinds = SimulatedDevice.Honesty.allCases
    let honesty = group == "believe" ? kinds[(index - 1) % kinds.count] : .cached
    let count = group == "interval" ? 40 : 1
    var base = 0.0
    let devices = (0..<count).map { _ in
      base = 200_000 + 1_800_000 * random.fraction()
      var law = LatencyLaw(
        base: base,
        spread: 0.03 + 0.02 * random.fraction(),
        warmUp: 8 + 4 * random.fraction(),
        warmUpRuns: 60 + 30 * random.fraction(),
        stallShare: 0.025 + 0.01 * random.fraction(),
        stall: (3 * base, 5 * base)
      )
      if group == "median" || group == "tail" {
        (law.slowFactor, law.slowShare) = (1.25 + 0.15 * random.fraction(), 0.2)
      }
      return SimulatedDevice(law, honesty: honesty, seed: random.next())
    }
    var problem = Problem(group: group, devices: devices, floor: 0.6 * base)
    if group == "load" {
      // A stall holds up those who come after it.
      problem.interval = (base * (1.9 + 0.2 * random.fraction())).rounded()
      problem.requests = 12_000
    }
    return problem
  }

  func write(_ problem: Problem, to folder: String) throws {
    let isLoad = problem.group == "load"
    let settings = Settings(
      ask: problem.group,
      devices: problem.devices.count,
      bytes: Int(problem.floor * Double(Self.bandwidth) / 1e9),
      bytesPerSecond: Self.bandwidth,
      requestEvery: isLoad ? Int(problem.interval) : nil,
      requests: isLoad ? problem.requests : nil
    )
    try AnswerFile.write(settings, folder, "task.json")
  }

  func answer(_ question: [Substring], about problem: Problem) -> String {
    guard let number = question.first.flatMap({ Int($0) }), problem.devices.indices.contains(number)
    else { return "? DEVICE ORDER" }
    return problem.devices[number].answer(Array(question.dropFirst()))
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "report.json")
    func require(_ value: Any?, _ name: String) throws {
      guard value != nil else {
        throw AnswerFile.malformed("report.json", "does not state \(name)")
      }
    }
    switch problem.group {
    case "median": try require(answer.p50, "p50")
    case "tail": try require(answer.p99, "p99")
    case "load": try require(answer.p95, "p95")
    case "interval":
      try require(answer.intervals, "intervals")
      let intervals = answer.intervals ?? []
      guard intervals.count == problem.devices.count, intervals.allSatisfy({ $0.count == 2 }) else {
        throw AnswerFile.malformed("report.json", "holds no pair [low, high] for each device")
      }
    default: try require(answer.verdict, "verdict")
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "report.json")
  }

  func reference(_ problem: Problem) throws -> Answer {
    // Giving the order is part of it.
    func latency(_ device: SimulatedDevice, _ share: Double) -> Double {
      SimulatedDevice.orderTime + device.law.quantile(share)
    }
    switch problem.group {
    case "median": return Answer(p50: latency(problem.devices[0], 0.5))
    case "tail": return Answer(p99: latency(problem.devices[0], 0.99))
    case "load": return Answer(p95: Self.loaded(problem))
    case "interval":
      return Answer(
        intervals: problem.devices.map { device in
          let truth = latency(device, 0.5)
          return [truth, truth]
        }
      )
    default: return Answer(verdict: problem.devices[0].honesty.rawValue)
    }
  }

  /// P95 from when a request was due until it was done, over many more requests than a program makes.
  private static func loaded(_ problem: Problem) -> Double {
    var sequence = LatencyLaw.Sequence(problem.devices[0].law, seed: 1)
    for _ in 0..<500 { _ = sequence.next() }
    var finish = 0.0
    var times = (0..<200_000).map { number in
      let due = Double(number) * problem.interval
      finish = max(finish, due) + SimulatedDevice.orderTime + sequence.next()
      return finish - due
    }
    times.sort()
    return times[times.count * 95 / 100]
  }

  func title(_ problem: Problem) -> String {
    "\(problem.group), \(problem.devices.count) device(s), floor \(Int(problem.floor)) ns"
  }

  func size(_ problem: Problem) -> Int { problem.devices.count }
}
