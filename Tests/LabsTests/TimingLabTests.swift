import Diagnostics
import Metrics
import Reports
import Testing

@testable import Labs

/// The simulated devices of L06, and programs that cheat about them.
@Suite(.serialized) struct TimingLabTests {
  private let law = LatencyLaw(
    base: 500_000,
    spread: 0.04,
    warmUp: 8,
    warmUpRuns: 60,
    stallShare: 0.03,
    stall: (1_500_000, 2_500_000),
    slowFactor: 1.3,
    slowShare: 0.2
  )

  @Test func lawAgreesWithItsRuns() {
    var sequence = LatencyLaw.Sequence(law, seed: 11)
    for _ in 0..<2000 { _ = sequence.next() }
    let times = (0..<200_000).map { _ in sequence.next() }.sorted()
    for share in [0.1, 0.5, 0.9, 0.99] {
      let seen = times[Int(share * Double(times.count))]
      #expect(abs(law.quantile(share) / seen - 1) < 0.02, "\(share)")
    }
    let mean = times.reduce(0, +) / Double(times.count)
    #expect(abs(law.mean / mean - 1) < 0.01)
  }

  @Test func devicesDoWhatTheyAreSaidToDo() {
    func ask(_ device: SimulatedDevice, _ words: String) -> String {
      device.answer(words.split(separator: " "))
    }
    func time(_ device: SimulatedDevice, _ input: Int) -> (time: Int, result: String) {
      let before = Int(ask(device, "now")) ?? 0
      _ = ask(device, "run \(input)")
      let result = ask(device, "wait")
      return ((Int(ask(device, "now")) ?? 0) - before, result)
    }
    func right(_ input: UInt64) -> String { "result \(SimulatedDevice.result(input))" }
    func device(_ honesty: SimulatedDevice.Honesty) -> SimulatedDevice {
      SimulatedDevice(law, honesty: honesty, seed: 5)
    }
    let cached = device(.cached)
    let first = time(cached, 1)
    let second = time(cached, 1)
    #expect(first.result == right(1) && second.result == right(1))
    #expect(second.time * 10 < first.time)
    let early = device(.early)
    _ = time(early, 1)
    #expect(time(early, 2).result == right(1))
    let skipping = device(.skips)
    #expect(time(skipping, 1).result == right(1) && time(skipping, 2).result == "result 0")
    let (slow, honest) = (device(.impossible), device(.honest))
    #expect(time(slow, 1).time * 5 < time(honest, 1).time)
    // Orders that are none.
    for words in ["", "run", "run x", "run -1", "until 99999999999999999999", "stop", "until"] {
      #expect(ask(honest, words).hasPrefix("?"), "'\(words)'")
    }
    #expect(ask(honest, "run 18446744073709551615") == "started")
    // A clock cannot be sent beyond all numbers.
    _ = ask(honest, "until 18446744073709551615")
    #expect((Int(ask(honest, "now")) ?? .max) < 1 << 60)
  }

  /// §4.5 of the design: each is refused.
  @Test(arguments: [
    // An answer that was right once, without a run.
    ("replayed", "report = {'p50': 700000, 'p99': 3000000, 'p95': 2000000}", "nothing-run"),
    // The clock of another machine.
    (
      "faked clock",
      "import time; o = [talk.ask(f'0 run {i}', '0 wait') or time.perf_counter_ns() for i in range(400)];"
        + " report = {'p50': 50, 'p99': 60, 'p95': 55}", "below-floor"
    ),
    // Work is ordered but not waited for.
    (
      "skipped work",
      "a = int(talk.ask('0 now')[0]); talk.ask(*[f'0 run {i}' for i in range(400)]); "
        + "b = int(talk.ask('0 now')[0]); d = (b - a) / 400; report = {'p50': d, 'p99': d, 'p95': d}",
      "not-waited"
    ),
    // One input again and again, out of the device's memory.
    (
      "same input",
      "c = [int(t) for t in talk.ask(*(['0 run 1', '0 wait', '0 now'] * 400))[2::3]]; "
        + "d = sorted(y - x for x, y in zip(c, c[1:]))[200]; report = {'p50': d, 'p99': d, 'p95': d}",
      "same-input"
    ),
  ])
  func refusesCheats(_ name: String, _ body: String, _ cause: String) throws {
    let course = try Course(path: courseFolder)
    let lab = try #require(course.lab("L06"))
    let lines = body.replacing(";", with: "\n    ").split(separator: "\n").map {
      "    " + $0.drop { $0 == " " }
    }
    let program =
      """
      from talk import Talk
      from tensor_io import cases, read_json, write_json
      for folder, output in cases():
          task, talk = read_json(folder, "task.json"), Talk(folder)
      \(lines.joined(separator: "\n"))
          report.update(verdict="honest", intervals=[[1, 2]] * task["devices"])
          write_json(output, "report.json", report)
      """
    var files = try StarterFiles(lab, "python").rendered(3, .english).filter {
      $0.name != "timing.py"
    }
    files.append(.init(name: "timing.py", bytes: Array(program.utf8), isExecutable: false))
    let grader = Grader(course: course, lab: lab, tier: lab.tiers[0], learner: "cheat")
    let seed = VariantSeed(secret: [1], lab: lab.uuid, learner: "cheat", purpose: name)
    let verdict = try grader.grade(Submission(files: files), seed, mode: .check, attempt: 0)
    #expect(verdict.checks.allSatisfy { $0.status == .fail }, "\(verdict.runs.map(\.errors))")
    let median = try #require(verdict.checks.first { $0.id == "median" })
    #expect(median.diagnosis.first?.mutant == cause)
    #expect(median.points == 0)
  }
}
