import Backends
import Diagnostics
import Foundation
import Glibc
import Graphs
import TestSupport
import Testing

@testable import BackendsNative

/// A timing cache is advice: whatever the file holds, a build comes to its end.
@Suite struct TimingCacheTests {
  private static let device = "this one"

  /// Else timings of one machine would be taken for those of any other.
  @Test func timingsAreOfOneProcessor() throws {
    let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    guard let name = line?.split(separator: ":").last else { return }
    let words = name.split { $0.isWhitespace }
    #expect(TimingCache.processor == words.joined(separator: " "))
  }

  @Test func aLibraryIsChosenWhereItGains() {
    let own = Tactic(kind: .dense, blockVectors: 2)
    let other = Tactic(kind: .oneDNN, blockVectors: 1)
    func best(_ times: [String: Double]) -> Tactic? {
      TacticTuner.best(of: [own, other], times)
    }
    #expect(best([own.name: 1, other.name: 0.96]) == own)
    #expect(best([own.name: 1, other.name: 0.94]) == other)
    #expect(best([other.name: 2]) == other)
    #expect(best([:]) == nil)
  }

  @Test func damagedCachesAreEmpty() throws {
    let good = #"{"device":"this one","times":{"f32 1":{"direct 16":0.5,"winograd 4x4":0.25}}}"#
    let file = TemporaryFile(Array(good.utf8), suffix: ".json")
    let (cache, notes) = TimingCache.read(file.path, device: Self.device)
    #expect(cache.times["f32 1"]?["direct 16"] == 0.5 && notes.isEmpty)
    let summary = try HostileInput("timing-cache", bytes: Array(good.utf8)).attack(mutations: 500) {
      file.replace(with: $0)
      let (cache, _) = TimingCache.read(file.path, device: Self.device)
      for times in cache.times.values {
        for time in times.values {
          guard time.isFinite, time >= 0 else { throw DeployError.damagedPlan("\(time)") }
        }
      }
    }
    #expect(summary.refused.isEmpty)
  }

  @Test(arguments: [
    #"{"device":"this one","times":{"a":{"b":-1}}}"#,
    #"{"device":"this one","times":{"a":{"b":1e999}}}"#,
    #"{"device":"this one","times":{"a":{"b":"nan"}}}"#, #"{"device":"this one"}"#, "[]", "", "{",
    #"{"device":"another","times":{"a":{"b":1}}}"#, String(repeating: "[", count: 100_000),
  ])
  func uselessCachesAreSaidToBe(_ text: String) throws {
    let file = TemporaryFile(Array(text.utf8), suffix: ".json")
    let (cache, notes) = TimingCache.read(file.path, device: Self.device)
    #expect(cache.times.isEmpty)
    #expect(notes.map(\.id) == [.buildTimingCache])
  }

  @Test func otherFilesAreNotReplaced() throws {
    let network = TemporaryFile([8, 9, 18, 4], suffix: ".onnx")
    #expect(throws: DeployError.self) { try TimingCache.checkReplaceable(network.path) }
    let damaged = TemporaryFile(Array("{".utf8), suffix: ".json")
    try TimingCache.checkReplaceable(damaged.path)
    try TimingCache.checkReplaceable("/nonexistent/cache.json")
  }

  @Test func foldersAndPipesAreNoCaches() throws {
    let (cache, notes) = TimingCache.read("/tmp", device: Self.device)
    #expect(cache.times.isEmpty && notes.count == 1)
    let pipe = "/tmp/vitrine-pipe-\(getpid())"
    #expect(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    #expect(TimingCache.read(pipe, device: Self.device).1.count == 1)
    #expect(TimingCache.read("/nonexistent/cache.json", device: Self.device).1.isEmpty)
  }

  /// Times that nobody measured choose among implementations that are all right.
  @Test func lyingTimesChooseAmongRightImplementations() async throws {
    let file = TemporaryFile(suffix: ".json")
    let honest = try await PlanNetwork.bytes(level: 1, cache: file.path)
    let expected = try PlanNetwork.make().graph.evaluate(inputs: PlanNetwork.inputs())
    let plan = TemporaryFile(suffix: ".plan")
    for name in ["winograd 4x4", "direct 16", "direct 32", "direct 64"] {
      let device = try #require(Self.text(file.path).firstMatch(of: /"device" : "(.*)"/)).1
      var lying = TimingCache(device: String(device))
      for decision in honest.decisions {
        for candidate in decision.candidates {
          lying.times[decision.signature, default: [:]][candidate.tactic] =
            candidate.tactic == name ? 0 : 1
        }
      }
      try lying.write(to: file.path)
      let built = try await PlanNetwork.bytes(level: 1, cache: file.path)
      let possible = built.decisions.filter { $0.candidates.contains { $0.tactic == name } }
      #expect(possible.allSatisfy { $0.chosen == name })
      let results = try PlanNetwork.run(built.bytes, in: plan)
      #expect(try Agreement(relative: 2e-2).difference(results, expected) == nil, "\(name)")
    }
  }

  private static func text(_ path: String) -> String {
    guard let stream = fopen(path, "rb") else { return "" }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, stream)], as: UTF8.self)
  }
}
