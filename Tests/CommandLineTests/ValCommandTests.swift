import Foundation
import TestSupport
import Testing

private func isUnpacked(_ engine: String) -> Bool {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: Engines.folder)) ?? []
  return names.contains { $0.hasPrefix(engine + "-") }
}

/// `vitrine val` as a user runs it, on the sample's four pictures.
@Suite(.enabled(if: isUnpacked("onnxruntime"), "run Scripts/setup"))
struct ValCommandTests {
  private struct Record: Decodable {
    struct Figure: Decodable {
      let name: String
      let value: Double
    }
    struct Part: Decodable {
      let coco: [Figure]
      let yolo: [Figure]
    }
    struct Rules: Decodable {
      let imageSize: [Int]
      let shape: String
      let precision: String
    }
    struct Dataset: Decodable {
      let pictureCount: Int
      let instanceCount: Int
    }
    struct Note: Decodable { let id: String }
    let backend: String?
    let boxes: Part?
    let dataset: Dataset
    let rules: Rules?
    let diagnostics: [Note]

    func coco(_ name: String) -> Double? { boxes?.coco.first { $0.name == name }?.value }
  }

  private static let model = SharedData.checkout + "/Samples/shapes-yolov5n.pt"
  private static let labels = SharedData.checkout + "/Samples/annotations.json"

  private func val(_ arguments: [String]) throws -> VitrineProcess {
    try VitrineProcess.run(["val"] + arguments + ["--bootstrap", "0", "--no-history"])
  }

  private func record(_ arguments: [String]) throws -> Record {
    let run = try val(arguments + ["--json"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.isEmpty)
    return try JSONDecoder().decode(Record.self, from: Data(run.output.utf8))
  }

  @Test func checkpointFileAndResultsAgree() throws {
    let scratch = try ScratchFolder()
    let data = ["--data", Self.labels]
    let checkpoint = try record(
      [Self.model] + data + ["--save-json", scratch.file("results.json")]
    )
    #expect(checkpoint.backend == "native")
    #expect(checkpoint.dataset.pictureCount == 4 && checkpoint.dataset.instanceCount == 27)
    #expect(checkpoint.rules?.imageSize == [640, 640] && checkpoint.rules?.shape == "square")
    // The sample model is right about most of its own pictures, and about no others' classes.
    #expect((checkpoint.coco("AP50") ?? 0) > 0.8)
    let file = scratch.file("shapes.onnx")
    #expect(try VitrineProcess.run(["export", Self.model, "-o", file]).status == 0)
    let exported = try record([file] + data)
    let judged = try record(["--detections", scratch.file("results.json")] + data)
    for figure in checkpoint.boxes?.coco ?? [] {
      #expect(abs((exported.coco(figure.name) ?? -9) - figure.value) < 0.002, "\(figure.name)")
      #expect(abs((judged.coco(figure.name) ?? -9) - figure.value) < 1e-6, "\(figure.name)")
    }
  }

  @Test func rectangleAndHalfAreMeasured() throws {
    let arguments = [Self.model, "--data", Self.labels]
    let square = try record(arguments)
    let rect = try record(arguments + ["--rect"])
    #expect(rect.rules?.shape == "rect")
    let half = try record(arguments + ["--half"])
    #expect(half.rules?.precision == "float16")
    for other in [rect, half] {
      #expect(abs((other.coco("AP50") ?? 0) - (square.coco("AP50") ?? 9)) < 0.1)
      #expect(other.dataset.instanceCount == 27)
    }
  }

  @Test func optionsThatTheFileCannotFollowAre64() throws {
    let scratch = try ScratchFolder()
    let file = scratch.file("half.onnx")
    #expect(try VitrineProcess.run(["export", Self.model, "--half", "-o", file]).status == 0)
    for option in ["--rect", "--half"] {
      let run = try val([file, "--data", Self.labels, option])
      #expect(run.status == 64)
      #expect(run.errors.contains("val.unused-option"))
      #expect(run.errors.contains("option \(option)"))
    }
  }

  /// Missing, empty and mistyped pictures, in both layouts.
  @Test(arguments: ["coco", "yolo"])
  func unreadablePicturesNeedPermission(layout: String) throws {
    let scratch = try ScratchFolder()
    let data = try Self.damagedCopy(in: scratch, layout)
    let strict = try val([Self.model, "--data", data, "--imgsz", "320"])
    #expect(strict.status == 70)
    let lenient = try record([Self.model, "--data", data, "--imgsz", "320", "--allow-missing"])
    #expect(lenient.dataset.pictureCount == 1)
    #expect(!lenient.diagnostics.isEmpty)
    #expect((lenient.coco("AP50") ?? 0) > 0.5)
  }

  /// What a reader should know is said in the page's language.
  @Test func notesAreChineseInAChinesePage() throws {
    let scratch = try ScratchFolder()
    let data = try Self.damagedCopy(in: scratch, "yolo")
    let (document, page) = (scratch.file("report.json"), scratch.file("page.md"))
    let measured = try val(
      [Self.model, "--data", data, "--imgsz", "320", "--allow-missing", "--save", document]
    )
    #expect(measured.status == 0, "\(measured.errors)")
    let arguments = [
      "report", document, "--format", "markdown", "--language", "zh-Hans", "-o", page,
    ]
    #expect(try VitrineProcess.run(arguments).status == 0)
    let text = try String(contentsOfFile: page, encoding: .utf8)
    #expect(text.contains("缺失或损坏，已连同标注略去"))
    #expect(text.contains("这些数字只可与相同图片的结果比较"))
    #expect(!text.contains("missing or damaged"))
  }

  /// Four pictures, of which one is empty, one no picture, and one (COCO) or none is gone.
  private static func damagedCopy(in scratch: ScratchFolder, _ layout: String) throws -> String {
    let (files, folder) = (FileManager.default, scratch.file("images"))
    try files.copyItem(atPath: SharedData.checkout + "/Samples/images", toPath: folder)
    try Data().write(to: URL(filePath: folder + "/000001.jpg"))
    try Data("<html>".utf8).write(to: URL(filePath: folder + "/000002.jpg"))
    let document =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(filePath: labels))
      ) as? [String: Any]
    if layout == "coco" {
      try files.removeItem(atPath: folder + "/000000.jpg")
      try files.copyItem(atPath: labels, toPath: scratch.file("labels.json"))
      return scratch.file("labels.json")
    }
    try files.removeItem(atPath: folder + "/000003.jpg")
    let objects = document?["annotations"] as? [[String: Any]] ?? []
    try files.createDirectory(atPath: scratch.file("labels"), withIntermediateDirectories: true)
    for picture in 0..<3 {
      let lines = objects.filter { $0["image_id"] as? Int == picture + 1 }.map { object -> String in
        let box = object["bbox"] as? [Double] ?? [0, 0, 0, 0]
        let shares = [
          (box[0] + box[2] / 2) / 640, (box[1] + box[3] / 2) / 480, box[2] / 640, box[3] / 480,
        ]
        let number = (object["category_id"] as? Int ?? 0) - 1
        return "\(number) " + shares.map { "\($0)" }.joined(separator: " ")
      }
      try lines.joined(separator: "\n").write(
        toFile: scratch.file("labels/00000\(picture).txt"),
        atomically: true,
        encoding: .utf8
      )
    }
    let names = "circle, ring, crescent, triangle, square, star, cross, arrow"
    let yaml = "path: .\nval: images\nnc: 8\nnames: [\(names)]\n"
    try yaml.write(toFile: scratch.file("data.yaml"), atomically: true, encoding: .utf8)
    return scratch.file("data.yaml")
  }
}

/// What `val`, `profile` and the comparisons leave in the run history.
@Suite struct KeptRunTests {
  private func vitrine(_ arguments: [String], _ data: String) throws -> VitrineProcess {
    try VitrineProcess.run(arguments, environment: ["VITRINE_DATA": data])
  }

  @Test func measuringCommandsKeepTheirRuns() throws {
    let scratch = try ScratchFolder()
    let data = scratch.path
    let quick = ["--backend", "reference", "--imgsz", "64"]
    let sample = SharedData.checkout + "/Samples/shapes-yolov5n.pt"
    let val = ["val", sample, "--data", "synth:count=2,size=64", "--bootstrap", "0"] + quick
    for name in ["one", "two"] {
      let run = try vitrine(val + ["--name", name], data)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("kept as run"))
    }
    let others = [
      ["profile", Sample.checkpoint, "--runs", "1"],
      [
        "compare", "precision", sample, "--data", "synth:count=2,size=64", "--precisions", "fp32",
        "--duration", "0.1",
      ],
      ["compare", "why", Sample.checkpoint, "--rounds", "3"],
    ]
    for command in others {
      let run = try vitrine(command + quick, data)
      #expect(run.status == 0, "\(command): \(run.errors)")
    }
    #expect(try vitrine(val + ["--no-history"], data).status == 0)
    let list = try vitrine(["runs"], data).output
    for text in ["val", "profile", "compare precision", "compare why", "one", "two"] {
      #expect(list.contains(text), "no \(text) in\n\(list)")
    }
    let compared = try vitrine(["runs", "compare", "1", "2"], data)
    #expect(compared.status == 0, "\(compared.errors)")
    #expect(compared.output.contains("boxes COCO AP") && compared.output.contains("same"))
    #expect(try vitrine(["runs", "compare", "1", "3"], data).status == 70)
    let lines = try vitrine(["runs", "export", "--csv"], data).output.split(separator: "\n")
    for figure in ["boxes COCO AP,", "run ms,", "engine P50 ms,", "everything on ms,"] {
      #expect(lines.contains { $0.contains(figure) }, "no \(figure)")
    }
    let runs = try JSONSerialization.jsonObject(
      with: Data(try vitrine(["runs", "list", "--json"], data).output.utf8)
    )
    #expect((runs as? [Any])?.count == 5)
  }
}
