// verdict-benchmark MODEL CACHE PAIRS SECONDS SIZE THREADS interleaved|apart|programs FACTOR
//
// Compares one build with itself, or with itself slowed by a factor, as often as asked, and prints
// one line for each comparison. CACHE holds what Scripts/setup downloaded.
import Foundation
import Metrics
import Pipelines
import Reports

@main
enum Main {
  static func main() async throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == "serve" { return try await SlowPeer.serve(arguments) }
    guard arguments.count == 8, let pairs = Int(arguments[2]), pairs > 0,
      let seconds = Double(arguments[3]), let size = Int(arguments[4]),
      let threads = Int(arguments[5]), let factor = Double(arguments[7])
    else {
      throw Failure(
        description: "usage: verdict-benchmark MODEL CACHE PAIRS SECONDS SIZE THREADS "
          + "interleaved|apart|programs FACTOR"
      )
    }
    let backend = BackendChoice("onnxruntime", threadCount: threads, cache: arguments[1])
    var job = BenchJob(model: arguments[0], backends: [backend])
    job.imageSize = [size, size]
    job.duration = seconds
    if arguments[6] == "interleaved" {
      job.backends = [backend, backend]
      try await interleaved(job, pairs, factor)
    } else if arguments[6] == "programs" {
      try await programs(job, pairs, factor)
    } else {
      try await apart(job, pairs, factor)
    }
  }

  /// Each in a process of its own, in turns.
  static func programs(_ job: BenchJob, _ pairs: Int, _ factor: Double) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var pair = ProgramJob(model: job.model, other: try SlowPeer.program(1, in: folder))
    pair.executable = try SlowPeer.program(factor, in: folder)
    pair.backend = job.backends[0]
    pair.imageSize = job.imageSize
    pair.duration = job.duration
    for _ in 0..<pairs {
      // The programs are children here: who else was busy is not told.
      for verdict in try await pair.run().report.verdicts { write(line(verdict, nil)) }
    }
  }

  /// Both in one process, in turns.
  static func interleaved(_ job: BenchJob, _ pairs: Int, _ factor: Double) async throws {
    for _ in 0..<pairs {
      var job = job
      job.adaptPlan = { $0 == 1 ? SlowPlan(base: $1, factor: factor) : $1 }
      let report = try await job.run().report
      let load = report.benchmarks.first?.machineAfter?.foreignShare ?? 0
      for verdict in report.verdicts {
        write(line(verdict, load))
      }
    }
  }

  /// One run after the other, each compared with the one before; those in odd places slowed.
  static func apart(_ job: BenchJob, _ pairs: Int, _ factor: Double) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let history = RunHistory(folder: folder, version: "1")
    try history.record(try await job.run().report, model: job.model)
    for _ in 0..<pairs {
      var slow = job
      slow.adaptPlan = { SlowPlan(base: $1, factor: factor) }
      let report = try await slow.run().report
      let verdicts = try history.compare(report, model: job.model, against: .last)
      let load = report.benchmarks.first?.machineAfter?.foreignShare ?? 0
      for verdict in verdicts { write(line(verdict.verdict, load)) }
      let next = factor == 1 ? report : try await job.run().report
      try history.record(next, model: job.model)
    }
  }

  /// Prints a line at once, so that a reader at the other end of a pipe sees it.
  static func write(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  static func line(_ verdict: Verdict, _ load: Double?) -> String {
    let percent = [verdict.ratio, verdict.lower, verdict.upper].map {
      String(format: "%+.1f", ($0 - 1) * 100)
    }
    return "\(verdict.quantity) \(verdict.outcome.rawValue) \(percent[0]) "
      + "[\(percent[1]), \(percent[2])]" + (load.map { " others \(Int($0 * 100)) %" } ?? "")
  }

  struct Failure: Error, CustomStringConvertible { let description: String }
}
