import Foundation
import TestSupport
import Testing

private let oneDNN = Engines.folder + "/onednn-cpu-gomp-2023.2.0"

/// Plans of the native engine on the command line: built anew, looked into, drawn.
@Suite(.serialized) struct NativeBuildTests {
  private static let sample = SharedData.checkout + "/Samples/shapes-yolov5n.pt"
  private static let picture = SharedData.checkout + "/Samples/images"

  /// A plan of the sample beside a copy of it, built without measuring.
  private static func plan(_ scratch: ScratchFolder, _ options: [String] = []) throws -> String {
    try FileManager.default.createDirectory(
      atPath: scratch.file("models"),
      withIntermediateDirectories: true
    )
    let model = scratch.file("models/m.pt")
    try FileManager.default.copyItem(atPath: sample, toPath: model)
    let path = scratch.file("m.plan")
    let built = try VitrineProcess.run(
      ["build", model, "-o", path, "--level", "0", "--imgsz", "96", "--threads", "1", "-q"]
        + options
    )
    #expect(built.status == 0, "\(built.errors)")
    return path
  }

  /// The same plan, of a version that there never was.
  private static func age(_ path: String) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[8] = 77
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  @Test func aPlanOfAnotherVersionIsBuiltAnew() throws {
    let scratch = try ScratchFolder()
    let path = try Self.plan(scratch, ["--half", "--workspace", "4M"])
    let fresh = try Data(contentsOf: URL(fileURLWithPath: path))
    try Self.age(path)
    let refused = try VitrineProcess.run(["detect", path, Self.picture])
    #expect(refused.status == 70)
    #expect(refused.errors.contains("plan.other-version") && refused.errors.contains("--rebuild"))
    // Of a plan that can be used nothing is built, and of another one the same as before.
    for note in [true, false] {
      let run = try VitrineProcess.run(["detect", path, Self.picture, "--rebuild", "--json"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("was built anew") == note)
    }
    // How long was searched is no property of the plan; without measuring it is the same again.
    let again = try VitrineProcess.run(["build", path, "--rebuild", "--level", "0", "--json"])
    #expect(again.status == 0, "\(again.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == fresh)
  }

  @Test func theSourceMustBeThereAndTheSame() throws {
    let scratch = try ScratchFolder()
    let path = try Self.plan(scratch)
    let model = scratch.file("models/m.pt")
    let moved = scratch.file("elsewhere.pt")
    try FileManager.default.moveItem(atPath: model, toPath: moved)
    var run = try VitrineProcess.run(["build", path, "--rebuild"])
    #expect(run.status == 70 && run.errors.contains("plan.no-source"), "\(run.errors)")
    try (Data(contentsOf: URL(fileURLWithPath: moved)) + [0])
      .write(to: URL(fileURLWithPath: model))
    run = try VitrineProcess.run(["build", path, "--rebuild"])
    #expect(run.status == 70 && run.errors.contains("plan.other-source"), "\(run.errors)")
    // Moved together they find each other.
    let other = try ScratchFolder()
    try FileManager.default.createDirectory(
      atPath: other.file("models"),
      withIntermediateDirectories: true
    )
    try FileManager.default.copyItem(atPath: moved, toPath: other.file("models/m.pt"))
    try FileManager.default.copyItem(atPath: path, toPath: other.file("m.plan"))
    run = try VitrineProcess.run(["build", "m.plan", "--rebuild", "--level", "0"], in: other.path)
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test func wrongUsage() throws {
    let scratch = try ScratchFolder()
    let path = try Self.plan(scratch)
    for arguments in [
      ["build", path, "--rebuild", "--half"], ["build", path, "--rebuild", "--precision", "bf16"],
      ["detect", Self.sample, Self.picture, "--rebuild"],
      ["build", Self.sample, "--workspace", "0"], ["build", Self.sample, "--workspace", "1X"],
      ["build", Self.sample, "--workspace", "9999999999G"], ["inspect", Self.sample, "--memory"],
    ] {
      let run = try VitrineProcess.run(arguments)
      #expect(run.status == 64, "\(arguments): \(run.status) \(run.errors)")
    }
    let run = try VitrineProcess.run(["build", path])
    #expect(run.status == 70 && run.errors.contains("build.from-plan"))
    let stranger = try VitrineProcess.run(["build", Self.sample, "--tactic-sources", "magic"])
    #expect(stranger.status == 64 && stranger.errors.contains("--tactic-sources"))
  }

  /// A plan whose timing cache says that oneDNN takes no time, where there is none any more.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: oneDNN), "run Scripts/setup onednn"))
  func aPlanThatNeedsOneDNN() throws {
    let scratch = try ScratchFolder()
    let path = try Self.plan(scratch)
    let cache = scratch.file("times.json")
    let build = [
      "build", scratch.file("models/m.pt"), "-o", path, "--imgsz", "96", "--threads", "1",
      "--level", "1", "--timing-cache", cache, "-q",
    ]
    _ = try VitrineProcess.run(build)
    let times = try String(contentsOfFile: cache, encoding: .utf8)
    try times.replacing(#/"onednn" : [0-9.e+-]+/#, with: "\"onednn\" : 0")
      .write(toFile: cache, atomically: true, encoding: .utf8)
    let built = try VitrineProcess.run(build)
    #expect(built.output.contains("oneDNN (measured: 3"), "\(built.output)")
    let with = try VitrineProcess.run(["detect", path, Self.picture])
    #expect(with.status == 0, "\(with.errors)")
    let nowhere = ["VITRINE_CACHE": scratch.file("none")]
    let refused = try VitrineProcess.run(["detect", path, Self.picture], environment: nowhere)
    #expect(refused.status == 70 && refused.errors.contains("plan.needs-onednn"))
    #expect(refused.errors.contains("Scripts/setup onednn"))
    let anew = try VitrineProcess.run(
      ["detect", path, Self.picture, "--rebuild"],
      environment: nowhere
    )
    #expect(anew.status == 0 && anew.errors.contains("was built anew"), "\(anew.errors)")
    // The same objects, whoever computes.
    #expect(Self.counts(anew.output) == Self.counts(with.output))
  }

  /// What was found in each picture, without times.
  private static func counts(_ output: String) -> [String] {
    // The last line sums up, with the time.
    output.split(separator: "\n").dropLast().map {
      String($0).replacing(#/ +[0-9.]+ ms.*/#, with: "")
    }
  }

  @Test func memoryIsListedAndDrawn() throws {
    let scratch = try ScratchFolder()
    let path = try Self.plan(scratch)
    let inspected = try VitrineProcess.run(["inspect", path, "--memory"])
    #expect(inspected.status == 0, "\(inspected.errors)")
    #expect(inspected.output.contains("in use") && inspected.output.contains("offset"))
    let json = try VitrineProcess.run(["inspect", path, "--json"])
    let plan = try #require(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    )
    let memory = try #require(plan["memory"] as? [String: Any])
    let (peak, sum) = (memory["peakByteCount"] as? Int, memory["summedByteCount"] as? Int)
    #expect((peak ?? 0) > 0 && (peak ?? 0) < (sum ?? 0))
    let page = scratch.file("memory.html")
    let drawn = try VitrineProcess.run(["report", path, "-o", page])
    #expect(drawn.status == 0, "\(drawn.errors)")
    let text = try String(contentsOfFile: page, encoding: .utf8)
    #expect(text.contains("<section id=\"arena\">") && text.contains("\"kind\":\"skyline\""))
  }
}
