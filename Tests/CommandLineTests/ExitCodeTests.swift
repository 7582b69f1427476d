import Foundation
import TestSupport
import Testing

@Suite struct ExitCodeTests {
  @Test func helpNamesEveryCommand() throws {
    let help = try VitrineProcess.run(["--help"])
    #expect(help.status == 0)
    for command in [
      "doctor", "inspect", "export", "check", "detect", "deploy", "synth", "profile", "bench",
      "runs",
    ] {
      #expect(help.output.contains("  \(command) "), "no \(command)")
    }
  }

  @Test(arguments: [
    "doctor", "inspect", "export", "check", "detect", "deploy", "synth", "profile", "bench", "runs",
  ])
  func everyCommandShowsExamples(command: String) throws {
    let help = try VitrineProcess.run([command, "--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("EXAMPLES"))
    #expect(help.output.contains("vitrine \(command)"))
  }

  @Test(arguments: [
    ["nonsense"], ["export"], ["export", "x.pt", "--opset", "99"], ["detect", "x.onnx"],
    ["detect", "x.onnx", "a.jpg", "--conf", "2"], ["profile"],
    ["profile", "x.onnx", "--layers", "y.json"], ["profile", "x.onnx", "--runs", "0"],
    ["check", "x.onnx", "--inputs", "pictures"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    let result = try VitrineProcess.run(arguments)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(!result.errors.isEmpty)
  }

  @Test(arguments: [
    ["inspect", "missing.pt"], ["bench", "missing.pt"], ["export", "missing.pt"],
    ["check", "missing.onnx"],
    ["detect", "missing.onnx", "missing.jpg"], ["profile", "missing.pt"],
    ["profile", "--layers", "missing.json"], ["deploy", "missing.pt", "--images", "missing.jpg"],
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

  @Test(.enabled(if: !SystemLibrary.exists("libonnxruntime.so")))
  func absentEngineIs69() throws {
    let result = try VitrineProcess.run(
      ["detect", Sample.checkpoint, Sample.images],
      environment: ["VITRINE_CACHE": "/nonexistent"]
    )
    #expect(result.status == 69)
    #expect(result.errors.contains("backend.unavailable"))
    #expect(result.errors.contains("try:"))
  }

  @Test func unknownClassIs70() throws {
    let result = try VitrineProcess.run([
      "detect", Sample.checkpoint, Sample.images, "--backend", "reference", "--imgsz", "64",
      "--classes", "0", "999",
    ])
    #expect(result.status == 70)
    #expect(result.errors.contains("detect.unknown-class"))
  }

  @Test func onlyRegularFilesAreReplaced() throws {
    let scratch = try ScratchFolder()
    let result = try VitrineProcess.run(["export", Sample.checkpoint, "-o", scratch.path])
    #expect(result.status == 70)
    #expect(result.errors.contains("file.not-regular"))
    let copy = scratch.file("own.pt")
    try FileManager.default.copyItem(atPath: Sample.checkpoint, toPath: copy)
    let onto = try VitrineProcess.run(["export", copy, "-o", copy])
    #expect(onto.status == 70)
    #expect(onto.errors.contains("export.onto-source"))
    #expect(FileManager.default.contentsEqual(atPath: copy, andPath: Sample.checkpoint))
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

/// A small network of two classes and a picture; no command finds anything sensible with them.
enum Sample {
  static let checkpoint = SharedData.checkout + "/Tests/ModelsTests/Fixtures/tiny-detect.pt"
  static let images = SharedData.checkout + "/Tests/ImagesTests/Fixtures/jpeg_420.jpg"
}

/// What the loader finds without a path.
enum SystemLibrary {
  static func exists(_ name: String) -> Bool {
    guard let handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL) else { return false }
    dlclose(handle)
    return true
  }
}
