import Diagnostics
import Formats
import TestSupport
import Testing

/// Our verdict on broken models equals that of ONNX's own checker.
@Suite struct ONNXCheckerTests {
  /// Where we are stricter, with the reason.
  private static let stricter = [
    "opset-99": "an operator set that does not exist is not known to be right",
    "input-of-wrong-channels": "a convolution over 3 channels cannot read 5; engines refuse it",
  ]

  @Test func fixturesAreThere() { #expect(ONNXFixtures.broken.count >= 60) }

  @Test(arguments: ONNXFixtures.broken.keys.sorted())
  func verdictEqualsTheirs(_ name: String) throws {
    let model = try #require(ONNXFixtures.broken[name])
    let found = ONNXChecker.check(bytes: [UInt8](model.bytes)).filter { $0.severity == .error }
    let expected = model.valid && Self.stricter[name] == nil
    #expect(found.isEmpty == expected, "theirs: \(model.verdict); ours: \(found)")
    #expect(found.allSatisfy { $0.id.rawValue.contains(".") })
  }

  @Test func collectsSeveral() throws {
    let both = try #require(ONNXFixtures.broken["not-sorted"])
    let found = ONNXChecker.check(bytes: [UInt8](both.bytes))
    #expect(found.map(\.id).contains(.onnxNotSorted))
  }

  @Test(
    .enabled(if: SharedData.isAvailable),
    arguments: [
      "foreign_3head_opset12", "foreign_yolov5n_fp16_opset17",
      "reference_yolov5n_v7.0_opset17_dynamic",
    ]
  )
  func realFilesAreInOrder(_ name: String) throws {
    let found = try ONNXChecker.check(path: SharedData.path("models/\(name).onnx"))
    #expect(found.filter { $0.severity == .error }.isEmpty)
  }
}
