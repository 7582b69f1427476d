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
    ["bench", "x.onnx", "--duration", "nan"],
    ["bench", "x.onnx", "--scenario", "multi", "--streams", "0"],
    ["val", Sample.checkpoint, "--data", "synth:count=many", "--backend", "reference"],
    ["val", "x.onnx"],
    ["val", "x.onnx", "--data", "a.json", "--detections", "b.json"],
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

  /// An option that would do nothing is refused and named.
  @Test(arguments: [
    ("--masks", ["val", "x.onnx", "--data", "a.json", "--masks"]),
    ("--conf", ["val", "--detections", "b.json", "--data", "a.json", "--conf=0.1"]),
    ("--rect", ["val", "--detections", "b.json", "--data", "a.json", "--rect"]),
    ("--allow-missing", ["val", "--detections", "b.json", "--data", "a.json", "--allow-missing"]),
    ("--images", ["val", "x.onnx", "--data", "data.yaml", "--images", "folder"]),
    ("--allow-missing", ["val", "x.onnx", "--data", "synth", "--allow-missing"]),
    ("--rate", ["bench", "x.onnx", "--rate", "3"]),
    ("--streams", ["bench", "x.onnx", "--streams", "3"]),
    ("--batch", ["bench", "x.onnx", "--against-program", "old", "--batch", "2"]),
    ("--against", ["bench", "x.onnx", "--against-program", "old", "--against", "last"]),
    ("--name", ["bench", "x.onnx", "--name", "n", "--no-history"]),
    ("--name", ["val", "x.onnx", "--data", "synth", "--name", "n", "--no-history"]),
    (
      "--int8",
      [
        "compare", "precision", "x.pt", "--data", "synth", "--precisions", "fp32", "--int8",
        "q.onnx",
      ]
    ),
    ("--python", ["compare", "frameworks", "x.pt", "--backends", "openvino", "--python", "p"]),
    ("--runs", ["profile", "--layers", "l.json", "--runs", "3"]),
    ("--layers", ["check", "x.onnx", "--structure", "--layers"]),
    ("--seed", ["check", "x.onnx", "--images", "a.jpg", "--seed", "2"]),
    ("--conf", ["export", "x.pt", "--conf", "0.3"]),
    ("--batch", ["export", "x.pt", "--dynamic", "batch", "--batch", "2"]),
  ])
  func optionsWithoutEffectAre64(option: String, arguments: [String]) throws {
    let result = try VitrineProcess.run(arguments)
    #expect(result.status == 64)
    #expect(result.errors.hasPrefix("Error: \(option) has no effect"), "\(result.errors)")
  }

  @Test func nothingToMeasureIsNoSuccess() throws {
    let result = try VitrineProcess.run([
      "compare", "precision", Sample.checkpoint, "--data", "synth:count=1", "--imgsz", "64",
      "--backend", "reference", "--precisions", "bf16", "int8",
    ])
    #expect(result.status == 70)
    #expect(result.errors.contains("compare.nothing-to-compare"))
    #expect(result.errors.contains("no quantised network was given"))
  }

  @Test func unknownBackendIs64() throws {
    let result = try VitrineProcess.run([
      "detect", Sample.checkpoint, Sample.images, "--backend", "abacus",
    ])
    #expect(result.status == 64)
    #expect(result.errors.contains("backend.unknown"))
    #expect(result.errors.contains("reference"))
  }

  @Test(.enabled(if: !SystemLibrary.exists("libonnxruntime.so")))
  func absentEngineIs69() throws {
    let result = try VitrineProcess.run(
      ["detect", Sample.checkpoint, Sample.images, "--backend", "onnxruntime"],
      environment: ["VITRINE_CACHE": "/nonexistent"]
    )
    #expect(result.status == 69)
    #expect(result.errors.contains("backend.unavailable"))
    #expect(result.errors.contains("try:"))
  }

  @Test func unknownClassIs64() throws {
    let result = try VitrineProcess.run([
      "detect", Sample.checkpoint, Sample.images, "--backend", "reference", "--imgsz", "64",
      "--classes", "0", "999",
    ])
    #expect(result.status == 64)
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
    // Nor is a file of another kind replaced.
    let picture = scratch.file("photo.jpg")
    try Data([1, 2, 3]).write(to: URL(filePath: picture))
    let other = try VitrineProcess.run(["export", copy, "-o", picture])
    #expect(other.status == 70 && other.errors.contains("output.other-kind"))
    #expect(try Data(contentsOf: URL(filePath: picture)) == Data([1, 2, 3]))
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
