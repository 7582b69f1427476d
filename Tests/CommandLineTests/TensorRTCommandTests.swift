import Foundation
import TestSupport
import Testing

/// What computes the engines of the stand-in; nil where it is not there.
private enum StandInRuntime {
  static let path: String? = {
    let folder = Engines.folder + "/onnxruntime-1.32.0"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.first { $0.hasPrefix("libonnxruntime.so") }.map { folder + "/" + $0 }
  }()
}

/// The commands with stand-ins for the driver, NVRTC and TensorRT on the loader's path, whose engines
/// ONNX Runtime computes: the whole way from pictures to boxes, without a GPU.
@Suite(
  "TensorRT's commands, with stand-ins",
  .enabled(if: StandIns.isAvailable && StandInRuntime.path != nil, "needs Scripts/setup"),
  .serialized
)
struct TensorRTCommandTests {
  static let sample = SharedData.checkout + "/Samples/shapes-yolov5n.pt"
  static let pictures = SharedData.checkout + "/Samples/images"
  static let trtexec = SharedData.checkout + "/Tests/StandIns/trtexec"

  private static func run(
    _ arguments: [String],
    in folder: String,
    _ more: [String: String] = [:]
  ) throws -> VitrineProcess {
    var environment = [
      "LD_LIBRARY_PATH": StandIns.folder, "STAND_IN_ONNXRUNTIME": StandInRuntime.path ?? "",
      // Without engines: NVIDIA's own NVRTC asks the driver for more than its stand-in has.
      "VITRINE_CACHE": folder,
    ]
    environment.merge(more) { $1 }
    return try VitrineProcess.run(arguments, in: folder, environment: environment)
  }

  private static func folder() throws -> String {
    let path = NSTemporaryDirectory() + "vitrine-trt-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  private static func plan(in folder: String) throws -> String {
    let built = try run(
      ["build", sample, "--backend", "tensorrt", "-o", "s.plan", "--imgsz", "320", "--json"],
      in: folder
    )
    #expect(built.status == 0, "\(built.errors)")
    return folder + "/s.plan"
  }

  /// The label files of one way of running, by name.
  private static func labels(
    _ plan: String,
    _ options: [String],
    in folder: String
  ) throws -> [String: String] {
    let name = "labels" + options.joined()
    let found = try run(
      ["detect", plan, pictures, "--backend", "tensorrt", "--save-txt", name, "--json"] + options,
      in: folder
    )
    #expect(found.status == 0, "\(found.errors)")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/" + name)
    return try Dictionary(
      uniqueKeysWithValues: files.map {
        ($0, try String(contentsOfFile: folder + "/" + name + "/" + $0, encoding: .utf8))
      }
    )
  }

  @Test("the same boxes, whoever scales and chooses, recorded or not, in one context or two")
  func sameBoxes() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let plan = try Self.plan(in: folder)
    let expected = try Self.labels(
      plan,
      ["--gpu-processing", "off", "--stream", "off"],
      in: folder
    )
    #expect(!expected.isEmpty)
    for options in [
      ["--gpu-processing", "on", "--stream", "off"],
      ["--gpu-processing", "on", "--no-cuda-graph", "--stream", "off"],
      ["--gpu-processing", "on", "--stream", "2"],
    ] {
      #expect(try Self.labels(plan, options, in: folder) == expected, "\(options)")
    }
    // The same network on the processor finds the same objects.
    let other = try Self.run(
      [
        "detect", Self.sample, Self.pictures, "--backend", "onnxruntime", "--imgsz", "320",
        "--square",
        "--save-txt", "host", "--json",
      ],
      in: folder,
      ["VITRINE_CACHE": Engines.cache]
    )
    #expect(other.status == 0, "\(other.errors)")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/host")
    #expect(Set(files) == Set(expected.keys))
  }

  @Test("trtexec and this program in turns, and what trtexec may do wrong")
  func trtexec() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let plan = try Self.plan(in: folder)
    func bench(_ program: String, _ misbehaviour: String = "") throws -> VitrineProcess {
      try Self.run(
        [
          "bench", plan, "--backend", "tensorrt", "--against-trtexec", program, "--duration", "0.2",
          "--json",
        ],
        in: folder,
        ["STAND_IN_TRTEXEC": misbehaviour]
      )
    }
    let good = try bench(Self.trtexec)
    #expect([0, 1].contains(good.status), "\(good.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(good.output.utf8)) as? [String: Any]
    let verdicts = try #require(document?["verdicts"] as? [[String: Any]])
    #expect(verdicts.map { $0["quantity"] as? String } == ["engine", "compute"])
    #expect(verdicts[0]["baseline"] as? String == "trtexec 10.16.1")
    let records = try #require(document?["benchmarks"] as? [[String: Any]])
    let summary = (records[0]["engine"] as? [String: Any])?["summary"] as? [String: Any]
    #expect(summary?["p50"] as? Double == 1.5, "\(records[0])")
    // The trtexec of another release than the library's is said.
    #expect(good.output.contains("bench.other-release"))
    for word in ["fails", "silent", "garbage", "negative", "empty", "no-summary"] {
      let bad = try bench(Self.trtexec, word)
      #expect(bad.status == 70, "\(word): \(bad.errors)")
    }
    let missing = try bench("/nowhere/trtexec")
    #expect(missing.status == 64)
    #expect(missing.errors.contains("trtexec"))
  }

  @Test("memory on the GPU is after thousands of runs what it was before them")
  func growth() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let plan = try Self.plan(in: folder)
    // The engine computes nothing here: what is looked at is what the runs leave behind.
    let bench = try Self.run(
      ["bench", plan, "--backend", "tensorrt", "--duration", "2", "--no-history", "--json"],
      in: folder,
      ["STAND_IN_ONNXRUNTIME": ""]
    )
    #expect(bench.status == 0, "\(bench.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(bench.output.utf8)) as? [String: Any]
    let record = try #require((document?["benchmarks"] as? [[String: Any]])?.first)
    let gpu = (record["resources"] as? [String: Any])?["gpu"] as? [String: Any]
    let start = try #require(gpu?["memoryBytesAtStart"] as? Int)
    #expect(start > 0)
    #expect(gpu?["memoryBytesAtEnd"] as? Int == start)
    let summary = (record["engine"] as? [String: Any])?["summary"] as? [String: Any]
    #expect((summary?["runCount"] as? Int ?? 0) > 50)
  }

  @Test("a calibration is refused in words where the release takes quantized networks only")
  func calibration() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = "TRT-8600-EntropyCalibration2\nimages: 3c010a14\n"
    try cache.write(toFile: folder + "/cache", atomically: true, encoding: .utf8)
    let built = try Self.run(
      ["build", Self.sample, "--backend", "tensorrt", "--calibration", "cache", "-o", "x.plan"],
      in: folder
    )
    #expect(built.status == 64)
    #expect(built.errors.contains("vitrine quantize"), "\(built.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder + "/x.plan"))
  }

  @Test(
    "ONNX Runtime's CUDA provider names the library of CUDA that is missing",
    .enabled(
      if: FileManager.default.fileExists(atPath: Engines.folder + "/onnxruntime-gpu-1.31.1/SHA256"),
      "run Scripts/setup onnxruntime-gpu"
    )
  )
  func cudaProvider() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let bench = try Self.run(
      ["bench", Self.sample, "--backend", "onnxruntime-cuda", "--duration", "0.1", "--json"],
      in: folder,
      ["VITRINE_CACHE": Engines.cache]
    )
    #expect(bench.status == 69)
    #expect(bench.errors.contains("libcu"), "\(bench.errors)")
  }
}
