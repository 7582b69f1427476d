import Diagnostics
import Foundation
import Metrics
import Reports
import TestSupport
import Testing

@testable import Pipelines

/// Two builds in turns, with stand-ins whose times are known.
@Suite struct ProgramJobTests {
  private final class Programs {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path

    init() throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A program that takes part as a build does and says that its runs took so many milliseconds,
    /// the network alone and end to end.
    func standIn(_ name: String, engine: [Double], query: [Double]) throws -> String {
      func reply(_ times: [Double]) -> String {
        let list = times.map { "\($0)" }.joined(separator: ",")
        return #"{"milliseconds":[\#(list)],"processorSeconds":1,"wallSeconds":1}"#
      }
      return try program(
        name,
        """
        echo '{"version":"1","threadCount":1,"precision":"float32"}'
        while read -r word rest; do
          case $word in
            leg) echo '\(reply(engine))' ;;
            query) echo '\(reply(query))' ;;
            check) echo '{"inputSum":1,"outputShape":[1],"precision":"float32"}' ;;
            *) echo '{}' ;;
          esac
        done
        """
      )
    }

    func program(_ name: String, _ script: String) throws -> String {
      let path = folder + "/" + name
      try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      return path
    }
  }

  private func job(_ other: String, _ own: String) -> ProgramJob {
    var job = ProgramJob(
      model: SharedData.checkout + "/Tests/ModelsTests/Fixtures/tiny-detect.pt",
      other: other
    )
    job.executable = own
    job.backend = BackendChoice("reference", threadCount: 1)
    job.imageSize = [32, 32]
    job.images = [SharedData.checkout + "/Tests/ImagesTests/Fixtures/jpeg_420.jpg"]
    job.duration = 0.2
    return job
  }

  @Test func aBuildSlowerByATenthIsCaught() async throws {
    let programs = try Programs()
    let old = try programs.standIn("old", engine: [10, 10.1, 10.2], query: [20, 20.1, 20.2])
    let new = try programs.standIn("new", engine: [11, 11.11, 11.22], query: [20, 20.1, 20.2])
    let report = try await job(old, new).run().report
    #expect(report.verdicts.map(\.quantity) == ["engine", "end-to-end"])
    #expect(report.verdicts.map(\.outcome) == [.slower, .noDifference])
    #expect(report.verdicts[0].words.hasPrefix("this program slower by 10.0 % ["))
    #expect(report.verdicts[0].baseline.hasPrefix("old #"))
    #expect(report.verdicts.allSatisfy { $0.design == .interleaved && $0.blockCount >= 12 })
    #expect(report.benchmarks.map { $0.engine?.summary.p50 } == [10.1, 11.11])
    // The stand-ins' checksum is not that of the inputs, which must be said.
    #expect(report.diagnostics.contains { $0.id == .benchProgramsDiffer })
    let back = try await job(new, old).run().report
    #expect(back.verdicts[0].outcome == .faster)
  }

  @Test func whatWaitedIsNotJudged() async throws {
    let programs = try Programs()
    let script = """
      echo '{"version":"1","threadCount":1}'
      while read -r word rest; do
        echo '{"milliseconds":[5],"processorSeconds":0.3,"wallSeconds":1,"outputShape":[1],"precision":"float32"}'
      done
      """
    let lazy = try programs.program("lazy", script)
    let verdict = try #require(try await job(lazy, lazy).run().report.verdicts.first)
    #expect(verdict.outcome == .undecided)
    #expect(verdict.words == "cannot be judged: a program got 30 % of a processor")
  }

  @Test(arguments: ["echo 'Error: Unknown option' >&2; exit 64", "echo nonsense", "true"])
  func programsThatTakeNoPartAreNamed(script: String) async throws {
    let programs = try Programs()
    let other = try programs.program("other", script)
    let own = try programs.standIn("own", engine: [1], query: [1])
    let error = await #expect(throws: DeployError.self) { try await job(other, own).run() }
    #expect(error?.id == .benchOtherProgram)
    #expect("\(error as Any)".contains("other"))
    #expect(error?.diagnostics[0].remedy != nil)
  }

  @Test func whatCannotBeStartedIsRefused() async throws {
    let programs = try Programs()
    let file = programs.folder + "/text"
    try "text".write(toFile: file, atomically: true, encoding: .utf8)
    let plain = await #expect(throws: DeployError.self) { try await job(file, file).run() }
    #expect(plain?.id == .benchOtherProgram)
    let gone = await #expect(throws: DeployError.self) { try await job("/nowhere/x", file).run() }
    #expect(gone?.id == "file.not-found")
  }
}
