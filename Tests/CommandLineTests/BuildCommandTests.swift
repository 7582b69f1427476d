import Foundation
import TestSupport
import Testing

/// A cache that holds one release of TensorRT for RTX only.
private struct EngineCache {
  let folder: ScratchFolder
  static let name = "tensorrt-rtx-cu13-libs-"

  init(_ release: String) throws {
    folder = try ScratchFolder()
    let engines = folder.file("engines")
    try FileManager.default.createDirectory(
      atPath: engines,
      withIntermediateDirectories: true
    )
    try FileManager.default.createSymbolicLink(
      atPath: engines + "/" + Self.name + release,
      withDestinationPath: Engines.folder + "/" + Self.name + release
    )
  }

  var environment: [String: String] {
    ["VITRINE_CACHE": String(folder.file("engines").dropLast("/engines".count))]
  }

  static let releases = ["1.4.0.76", "1.7.1.116"]
  static var areThere: Bool {
    releases.allSatisfy { FileManager.default.fileExists(atPath: Engines.folder + "/" + name + $0) }
  }
}

@Suite(.enabled(if: EngineCache.areThere, "run Scripts/setup tensorrt-rtx"), .serialized)
struct BuildCommandTests {
  private static let sample = SharedData.checkout + "/Samples/shapes-yolov5n.pt"

  /// What `quantize --for tensorrt` writes parses and builds; of the releases here, 1.7.1 builds
  /// quantised networks.
  @Test(arguments: models)
  func quantisedFilesBuild(_ model: String) throws {
    let cache = try EngineCache("1.7.1.116")
    let scratch = try ScratchFolder()
    let (table, file) = (scratch.file("t.json"), scratch.file("int8.onnx"))
    let images = SharedData.checkout + "/Samples/images"
    let plan = scratch.file("int8.plan")
    let steps = [
      ["calibrate", model, "--images", images, "-o", table],
      ["quantize", model, "--calibration", table, "--for", "tensorrt", "-o", file],
      ["build", file, "--backend", "tensorrt-rtx", "-o", plan],
    ]
    for step in steps {
      let run = try VitrineProcess.run(step, environment: cache.environment)
      #expect(run.status == 0, "\(step[0]): \(run.errors)")
    }
    #expect(try FileManager.default.attributesOfItem(atPath: plan)[.size] as? Int ?? 0 > 100_000)
    let inspected = try VitrineProcess.run(["inspect", plan, "--json"])
    #expect(inspected.output.contains("int8"), "\(inspected.errors)")
  }

  private static var models: [String] {
    let real = ["models/yolov5n_v7.0.pt", "models/yolov5s_v6.0.pt"].map { SharedData.path($0) }
    return [sample] + (SharedData.isAvailable ? real : [])
  }

  @Test(arguments: EngineCache.releases)
  func theSampleBecomesAPlanThatSaysWhatItIs(_ release: String) throws {
    let cache = try EngineCache(release)
    let scratch = try ScratchFolder()
    let path = scratch.file("shapes.plan")
    let built = try VitrineProcess.run(
      ["build", Self.sample, "--backend", "tensorrt-rtx", "--half", "-o", path, "--json"],
      environment: cache.environment
    )
    #expect(built.status == 0, "\(built.errors)")
    #expect(scratch.files == ["shapes.plan"])
    let document = try json(built.output)
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect(document["byteCount"] as? Int == size)

    // No engine is needed to read it.
    let inspected = try VitrineProcess.run(
      ["inspect", path, "--json"],
      environment: ["VITRINE_CACHE": scratch.file("none")]
    )
    #expect(inspected.status == 0, "\(inspected.errors)")
    let plan = try json(inspected.output)
    let facts = try #require(plan["facts"] as? [[String: String]])
    #expect(facts.contains { $0["value"] == "TensorRT for RTX \(release)" })
    #expect(
      facts.contains { $0["name"] == "computes in" && $0["value"]?.contains("float16") == true }
    )
    let contract = try #require(plan["contract"] as? [String: Any])
    #expect((contract["classNames"] as? [String])?.count == 8)
    let layers = try #require(plan["layers"] as? [[String: Any]])
    let modules = layers.flatMap { layer in
      (layer["provenance"] as? [String: Any])?["modules"] as? [String] ?? []
    }
    for number in 0..<24 where ![11, 12, 15, 16, 19, 22].contains(number) {
      #expect(modules.contains { $0.hasPrefix("model.\(number).") }, "model.\(number)")
    }
    let text = try VitrineProcess.run(["inspect", path, "--layers"])
    #expect(text.output.contains("model.0.conv"))
  }

  @Test func damagedAndForeignPlansAreRefusedInWords() throws {
    let scratch = try ScratchFolder()
    let path = scratch.file("tiny.plan")
    let built = try VitrineProcess.run(
      ["build", Sample.checkpoint, "--backend", "tensorrt-rtx", "-o", path]
    )
    #expect(built.status == 0, "\(built.errors)")
    #expect(built.output.contains("TensorRT for RTX 1.7.1.116"))
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    try Data(bytes.dropLast(100)).write(to: URL(fileURLWithPath: path))
    let short = try VitrineProcess.run(["inspect", path])
    #expect(short.status == 70 && short.errors.contains("plan.truncated"))
    bytes[bytes.count - 50] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let flipped = try VitrineProcess.run(["inspect", path])
    #expect(flipped.status == 70 && flipped.errors.contains("plan.damaged"))
    try Data("no plan".utf8).write(to: URL(fileURLWithPath: path))
    let foreign = try VitrineProcess.run(["inspect", path])
    #expect(foreign.status == 70 && foreign.errors.contains("plan.unknown"))
  }

  @Test func whatCannotBeBuiltLeavesNothing() throws {
    let scratch = try ScratchFolder()
    let path = scratch.file("x.plan")
    let build = { (arguments: [String]) in
      try VitrineProcess.run(["build", Sample.checkpoint, "-o", path] + arguments)
    }
    let without = try build(["--backend", "onnxruntime"])
    #expect(without.status == 64 && without.errors.contains("build.no-plan-files"))
    let dla = try build(["--backend", "tensorrt-rtx", "--dla", "0"])
    #expect(dla.status == 64 && dla.errors.contains("--dla"))
    let usage = try build(["--backend", "tensorrt-rtx", "--profile", "640"])
    #expect(usage.status == 64 && usage.errors.contains("--profile"))
    #expect(try build(["--backend", "tensorrt-rtx", "--profile", "4:2:8"]).status == 64)
    let onto = try VitrineProcess.run(
      ["build", Sample.checkpoint, "--backend", "tensorrt-rtx", "-o", Sample.checkpoint]
    )
    #expect(onto.status == 70 && onto.errors.contains("build.onto-source"))
    #expect(scratch.files.isEmpty)
  }

  @Test func withoutADriverOrALibraryTheExitCodeSaysSo() throws {
    let scratch = try ScratchFolder()
    let cache = ["VITRINE_CACHE": scratch.file("none")]
    let missing = try VitrineProcess.run(
      ["build", Sample.checkpoint, "--backend", "tensorrt-rtx", "-o", scratch.file("x.plan")],
      environment: cache
    )
    #expect(missing.status == 69, "\(missing.errors)")
    #expect(missing.errors.contains("Scripts/setup tensorrt-rtx"))
    let doctor = try VitrineProcess.run(["doctor", "--json"])
    guard doctor.output.contains("libcuda.so.1: cannot open") else { return }
    let detect = try VitrineProcess.run(
      ["detect", Sample.checkpoint, Sample.images, "--backend", "tensorrt-rtx"]
    )
    #expect(detect.status == 69, "\(detect.errors)")
    #expect(detect.errors.contains("no NVIDIA driver"))
    #expect(scratch.files.isEmpty)
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }
}
