import Backends
import BackendsNative
import Diagnostics
import Glibc
import Graphs
import TestSupport
import Testing

/// Plans whose checksum is right and whose head lies: each ends in a ``DeployError`` or in results,
/// never in a trap, a hang, or memory that is not the plan's.
///
/// `VITRINE_FORGED_PLANS` is how many are tried (with `VITRINE_FORGED_SEED` the first); run it under
/// a sanitizer now and then.
@Suite struct ForgedPlanTests {
  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }

  @Test func liesEndInErrors() async throws {
    let plan = try ForgedPlan(try await PlanNetwork.bytes().bytes)
    let count = Self.number("VITRINE_FORGED_PLANS") ?? 1500
    let first = Self.number("VITRINE_FORGED_SEED") ?? 1
    try Self.attack(plan, "forged-plan", first, count)
  }

  @Test func liesAboutOpenShapesEndInErrors() async throws {
    var net = Network(3)
    let x = net.input("x", [.symbol("N"), 3, .symbol("H"), .symbol("W")])
    net.graph.markOutput(try net.convolution(x, to: 4), named: "y")
    var options = PlanBuildOptions()
    options.threadCount = 1
    options.level = 1
    options.profiles = [try #require(ShapeProfile("1x3x8x8"))]
    let built = try await NativeBackend().buildPlanFile(
      net.graph,
      options: options,
      source: PlanSource(name: "open.onnx"),
      progress: { _ in }
    )
    try Self.attack(try ForgedPlan(built.bytes), "forged-open-plan", 1, 500)
  }

  static func attack(
    _ plan: ForgedPlan,
    _ name: String,
    _ first: Int,
    _ count: Int,
    engines: EngineFolder? = nil
  ) throws {
    let tokens = plan.tokens()
    let file = TemporaryFile(suffix: ".plan")
    var (refused, ran) = (0, 0)
    for seed in first..<(first + count) {
      let journal = TemporaryJournal(name, "seed \(seed)")
      let forged = plan.lying(UInt64(seed), tokens).bytes()
      let start = ContinuousClock.now
      do {
        _ = try PlanNetwork.run(forged, in: file, NativeBackend(engines: engines))
        ran += 1
      } catch is DeployError { refused += 1 } catch {
        Issue.record("seed \(seed): \(error)")
      }
      let elapsed = ContinuousClock.now - start
      #expect(elapsed < .seconds(10), "seed \(seed) took \(elapsed)")
      journal.close()
    }
    print("\(name): \(refused) refused, \(ran) ran")
    // Some lies change nothing that matters: texts, patches, times.
    #expect(refused > 0 && ran > 0)
  }
}

/// Says in `/tmp` what is being tried, should the process end there.
private struct TemporaryJournal {
  let path: String

  init(_ name: String, _ text: String) {
    path = "/tmp/vitrine-\(name).\(getpid())"
    if let stream = fopen(path, "wb") {
      fputs(text, stream)
      fclose(stream)
    }
  }
  func close() { unlink(path) }
}
