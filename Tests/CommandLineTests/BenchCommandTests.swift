import Foundation
import TestSupport
import Testing

/// On the reference interpreter and tiny inputs: slow, but always there.
@Suite struct BenchCommandTests {
  private static let quick = [
    "--backend", "reference", "--imgsz", "32", "--duration", "0.2", "--images", Sample.images,
  ]

  private func bench(_ arguments: [String], _ data: String) throws -> VitrineProcess {
    try VitrineProcess.run(
      ["bench", Sample.checkpoint] + Self.quick + arguments,
      environment: ["VITRINE_DATA": data]
    )
  }

  private func runs(_ arguments: [String], _ data: String) throws -> VitrineProcess {
    try VitrineProcess.run(["runs"] + arguments, environment: ["VITRINE_DATA": data])
  }

  @Test func aRunIsShownSavedAndKept() throws {
    let folder = try ScratchFolder()
    let data = folder.path + "/data"
    let file = folder.path + "/report.json"
    let first = try bench(["--save", file, "--name", "one, \"quoted\""], data)
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.errors.isEmpty)
    for part in ["engine", "end to end", "P99", "short of MLPerf's", "kept as run 1"] {
      #expect(first.output.contains(part), "no \(part)")
    }
    let saved = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file)))
    let report = try #require(saved as? [String: Any])
    #expect(report["command"] as? String == "bench")
    #expect((report["benchmarks"] as? [Any])?.count == 1)

    let second = try bench(["--against", "last", "--json"], data)
    #expect([0, 1].contains(second.status), "\(second.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(second.output.utf8))
    #expect(((document as? [String: Any])?["verdicts"] as? [Any])?.count == 1)

    #expect(try runs([], data).output.contains("one, \"quoted\""))
    #expect(try runs(["show", "1"], data).output.contains("\"command\" : \"bench\""))
    let compared = try runs(["compare", "1", "2"], data)
    #expect(compared.status == 0)
    #expect(compared.output.contains("not interleaved"))
    let lines = try runs(["export", "--csv"], data).output.split(separator: "\n")
    #expect(lines.first?.hasPrefix("run,date,command") == true)
    #expect(lines.contains { $0.contains("\"one, \"\"quoted\"\"\"") })
    #expect(try runs(["delete", "1", "9"], data).status == 70)
    #expect(try runs(["delete", "1", "2"], data).output == "deleted 2 runs\n")
    #expect(try runs(["list"], data).output.hasPrefix("no runs yet"))
  }

  /// The executable against itself, by the protocol that other builds are asked with.
  @Test func anotherBuildIsMeasuredInTurns() throws {
    let folder = try ScratchFolder()
    let quick = Self.quick + ["--threads", "1"]
    let run = try VitrineProcess.run(
      ["bench", Sample.checkpoint, "--against-program", VitrineProcess.executable] + quick,
      environment: ["VITRINE_DATA": folder.path]
    )
    for part in ["engine:", "end-to-end:", "this program", "vitrine #"] {
      #expect(run.output.contains(part), "no \(part) in\n\(run.output)\(run.errors)")
    }
    // Both gave the same numbers, or a warning would say so.
    #expect(!run.errors.contains("programs-differ") && !run.output.contains("programs-differ"))
    let isSlower = run.output.contains("slower by") || run.output.contains("times as long")
    #expect(run.status == (isSlower ? 1 : 0))
    #expect(try runs([], folder.path).output.hasPrefix("no runs yet"))
  }

  @Test func nothingToCompareWithIsSaid() throws {
    let folder = try ScratchFolder()
    let first = try bench(["--against", "last", "--no-history"], folder.path)
    #expect(first.status == 0)
    #expect(first.output.contains("history.nothing-comparable"))
    #expect(try runs([], folder.path).output.hasPrefix("no runs yet"))
    let unknown = try bench(["--against", "7"], folder.path)
    #expect(unknown.status == 70)
    #expect(unknown.errors.contains("history.unknown-run"))
  }

  @Test func aHistoryThatCannotBeWrittenIsAWarning() throws {
    let folder = try ScratchFolder()
    let file = folder.path + "/file"
    try Data("x".utf8).write(to: URL(filePath: file))
    let result = try bench([], file + "/data")
    #expect(result.status == 0)
    #expect(result.output.contains("engine"))
    #expect(result.errors.contains("the run is not kept"))
  }

  @Test(arguments: [
    ["--batch", "0"], ["--batch", "1,,2"], ["--threads", "x"], ["--scenario", "best"],
    ["--against", "yesterday"], ["--duration", "soon"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    let folder = try ScratchFolder()
    #expect(try bench(arguments, folder.path).status == 64)
  }

  @Test func interruptionKeepsNothing() throws {
    let folder = try ScratchFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: VitrineProcess.executable)
    process.arguments =
      ["bench", Sample.checkpoint, "--backend", "reference", "--imgsz", "32", "--duration", "60"]
    process.environment = ProcessInfo.processInfo.environment
      .merging(["VITRINE_DATA": folder.path]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    Thread.sleep(forTimeInterval: 2)
    process.interrupt()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    // On a machine so busy that the process had not yet begun, the signal itself ended it.
    #expect(process.terminationStatus == 130 || process.terminationReason == .uncaughtSignal)
    #expect(text.isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
