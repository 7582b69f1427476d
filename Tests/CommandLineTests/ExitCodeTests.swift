import Foundation
import TestSupport
import Testing

@Suite struct ExitCodeTests {
  @Test func helpNamesEveryCommand() throws {
    let help = try VitrineProcess.run(["--help"])
    #expect(help.status == 0)
    for command in ["doctor", "inspect", "export", "check", "detect", "deploy", "synth"] {
      #expect(help.output.contains("  \(command) "), "no \(command)")
    }
  }

  @Test(arguments: ["doctor", "inspect", "export", "check", "detect", "deploy", "synth"])
  func everyCommandShowsExamples(command: String) throws {
    let help = try VitrineProcess.run([command, "--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("EXAMPLES"))
    #expect(help.output.contains("vitrine \(command)"))
  }

  @Test(arguments: [
    ["nonsense"], ["export"], ["export", "x.pt", "--opset", "99"], ["detect", "x.onnx"],
    ["detect", "x.onnx", "a.jpg", "--conf", "2"], ["check", "x.onnx", "--inputs", "pictures"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    let result = try VitrineProcess.run(arguments)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(!result.errors.isEmpty)
  }

  @Test(arguments: [
    ["inspect", "missing.pt"], ["export", "missing.pt"], ["check", "missing.onnx"],
    ["detect", "missing.onnx", "missing.jpg"], ["deploy", "missing.pt", "--images", "missing.jpg"],
  ])
  func missingFileIs70(arguments: [String]) throws {
    let result = try VitrineProcess.run(arguments)
    #expect(result.status == 70)
    #expect(result.errors.contains("file.not-found"))
    #expect(result.errors.contains("try:"))
  }

  @Test func unknownBackendIs70() throws {
    let result = try VitrineProcess.run([
      "detect", Sample.checkpoint, Sample.images, "--backend", "abacus",
    ])
    #expect(result.status == 70)
    #expect(result.errors.contains("backend.unknown"))
    #expect(result.errors.contains("reference"))
  }

  @Test func absentEngineIs69() throws {
    // The reference backend needs nothing; TensorRT and others are named targets of doctor.
    let result = try VitrineProcess.run(["doctor", "--target", "tensorrt"])
    #expect(result.status == 0 || result.status == 1)
  }

  @Test func notACheckpointIsNamed() throws {
    let scratch = try ScratchFolder()
    let path = scratch.file("page.pt")
    try "<!DOCTYPE html><html>404</html>".write(toFile: path, atomically: true, encoding: .utf8)
    let result = try VitrineProcess.run(["export", path])
    #expect(result.status == 70)
    #expect(scratch.files == ["page.pt"])
  }
}

/// The sample that is part of the project.
enum Sample {
  static let checkpoint = SharedData.checkout + "/Samples/shapes-yolov5n.pt"
  static let images = SharedData.checkout + "/Samples/images"
}
