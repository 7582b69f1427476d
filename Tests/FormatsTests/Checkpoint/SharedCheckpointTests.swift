import Diagnostics
import Formats
import Tensors
import TestSupport
import Testing

/// Real checkpoints, where they are at hand.
@Suite(.enabled(if: SharedData.isAvailable)) struct SharedCheckpointTests {
  @Test(arguments: [
    ("yolov5n_v7.0", "models.yolo.Model", 1_872_157),
    ("yolov5s_v6.0", "models.yolo.Model", 7_235_389),
  ])
  func officialCheckpoints(name: String, className: String, parameterCount: Int) throws {
    let path = SharedData.path("models/\(name).pt")
    let checkpoint = try CheckpointReader.read(path: path)
    let model = try #require(checkpoint.model)
    #expect(checkpoint.modelEntry == "model")
    #expect(checkpoint.container == .zip)
    #expect(model.className == className)
    #expect(Self.parameterCount(model) == parameterCount)
    #expect(model.child("model")?.children.count == 25)
    let first = try #require(model.child("model")?.child("0")?.child("conv"))
    #expect(first.parameters["weight"]?.scalarType == .float16)
  }

  @Test(arguments: [
    "custom_v5.0_s_focus_nc4_Ki67_napari", "custom_v6.1_n_nc1_BanglaPlate",
    "custom_v6.2_n_nc11_DO_EAT", "custom_v7_n-cls_nc8_armposes", "custom_v7_n_cs2_WindowsPath",
    "custom_v7_n_nc5_pvdefect", "unsupported_CBAM",
  ])
  func customCheckpoints(name: String) throws {
    let checkpoint = try CheckpointReader.read(path: SharedData.path("models/\(name).pt"))
    #expect(checkpoint.model != nil)
    #expect(!checkpoint.audit.entries.contains { $0.treatment == .refused })
    try checkpoint.checkFitForPython()
  }

  @Test(arguments: [
    ("models/broken_truncated.pt", Diagnostic.ID.checkpointTruncated),
    ("models/broken_lfs_pointer.pt", .checkpointPointer),
    ("models/foreign_3head_opset12.onnx", .checkpointOtherFormat),
    ("models/reference_yolov5n_v7.0_opset17_dynamic.onnx", .checkpointOtherFormat),
    ("coco/bus.jpg", .checkpointOtherFormat),
  ])
  func notCheckpoints(name: String, id: Diagnostic.ID) {
    #expect(CheckpointRefusalTests.failure(SharedData.path(name))?.id == id)
  }

  private static func parameterCount(_ module: ModuleRecord) -> Int {
    module.parameters.values.map(\.shape.count).reduce(0, +)
      + module.children.map { parameterCount($0.module) }.reduce(0, +)
  }
}
