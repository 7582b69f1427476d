import Foundation
import TestSupport
import Testing

/// Whether an engine was unpacked by Scripts/setup.
private func isUnpacked(_ engine: String) -> Bool {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: Engines.folder)) ?? []
  return names.contains { $0.hasPrefix(engine + "-") }
}

@Suite struct CompareFrameworksTests {
  private struct Result: Decodable {
    struct Engine: Decodable {
      struct Latency: Decodable {
        let p50: Double
        let runCount: Int
      }
      let engine: String
      let absence: String?
      let latency: Latency?
      let peakMemory: Int?
      let transportMilliseconds: Double?
    }
    struct Ratio: Decodable {
      let baseline: String
      let engine: String
      let verdict: String
    }
    struct Check: Decodable {
      let name: String
      let passes: Bool
    }
    let engines: [Engine]
    let comparisons: [Ratio]
    let fairness: [Check]
  }

  @Test(.enabled(if: isUnpacked("onnxruntime") && isUnpacked("openvino"), "run Scripts/setup"))
  func enginesAreMeasuredAndAbsentOnesExplained() throws {
    let scratch = try ScratchFolder()
    let run = try VitrineProcess.run([
      "compare", "frameworks", Sample.checkpoint, "--imgsz", "64", "--duration", "0.5", "--json",
      "--python", "/nonexistent/python", "--save", scratch.file("report.json"),
    ])
    #expect(run.status == 0, "\(run.errors)")
    let result = try JSONDecoder().decode(Result.self, from: Data(run.output.utf8))
    let names = ["pytorch", "onnxruntime", "openvino", "native", "tensorrt"]
    #expect(result.engines.map(\.engine) == names)
    for engine in result.engines {
      let isThere = ["onnxruntime", "openvino", "native"].contains(engine.engine)
      #expect((engine.absence == nil) == isThere)
      #expect((engine.latency != nil) == isThere)
      if isThere {
        #expect((engine.latency?.runCount ?? 0) > 10 && (engine.latency?.p50 ?? 0) > 0)
        #expect((engine.peakMemory ?? 0) > 1_000_000 && (engine.transportMilliseconds ?? 0) > 0)
      }
    }
    #expect(result.fairness.count == 5 && result.fairness.allSatisfy(\.passes))
    #expect(result.comparisons.map(\.baseline) == ["onnxruntime", "onnxruntime"])
    #expect(scratch.files == ["report.json"])
  }

  @Test func oneEngineIsNoComparison() throws {
    let run = try VitrineProcess.run([
      "compare", "frameworks", Sample.checkpoint, "--imgsz", "64", "--backends", "native",
      "tensorrt",
    ])
    #expect(run.status == 70)
    #expect(run.errors.contains("compare.nothing-to-compare"))
    #expect(run.errors.contains("TensorRT"))
  }

  @Test(arguments: [
    ["--backends", "reference"], ["--backends", "openvino", "openvino"], ["--threads", "0"],
    ["--duration", "nan"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    let run = try VitrineProcess.run(["compare", "frameworks", Sample.checkpoint] + arguments)
    #expect(run.status == 64)
  }
}
