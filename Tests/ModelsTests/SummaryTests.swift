import Formats
import Graphs
import TestSupport
import Testing

@testable import Models

/// What a checkpoint says about itself.
struct SummaryTests {
  @Test func tinyDetector() throws {
    let summary = try ModelSummary(FixtureTests.checkpoint("tiny-detect"), imageSize: [32, 32])
    // As the original code counts them.
    #expect(summary.parameterCount == 4764)
    #expect(summary.classNames == ["kind 0", "kind 1"])
    #expect(summary.levels.map(\.stride) == [4, 8])
    #expect(summary.levels[0].anchors[1] == .init(width: 8, height: 10))
    #expect(summary.layers.count == 10)
    #expect(summary.layers[0].arguments == "3 → 8, 6×6, stride 2")
    #expect(summary.layers[7].from == [-1, 2])
    #expect(summary.layers[7].outputShape == [1, 16, 8, 8])
    #expect(summary.layers[9].outputShape == [1, 160, 7])
    // 16 × 16 cells · 8 filters · 108 multiply-adds, twice.
    #expect(summary.layers[0].gigaFLOPs >= 2e-9 * 16 * 16 * 8 * 108)
    #expect(summary.gigaFLOPs >= summary.layers[0].gigaFLOPs)
  }

  /// Families, and parameters as the original code counts them before fusing (0: not known).
  static let families = [
    ("yolov5n_v7.0", "YOLOv5n v6.1–v7", 1_872_157), ("yolov5s_v6.0", "YOLOv5s v6.0", 7_235_389),
    ("custom_v5.0_s_focus_nc4_Ki67_napari", "YOLOv5s v4–v5", 0),
    ("custom_v6.1_n_nc1_BanglaPlate", "YOLOv5n v6.1–v7", 0),
  ]

  @Test(.enabled(if: SharedData.isAvailable, "needs ../shared/data"), arguments: families)
  func realCheckpoints(_ name: String, _ family: String, _ parameters: Int) throws {
    let summary = try ModelSummary(RealCheckpointTests.checkpoint(name))
    #expect(summary.family == family)
    if parameters > 0 { #expect(summary.parameterCount == parameters) }
  }
}
