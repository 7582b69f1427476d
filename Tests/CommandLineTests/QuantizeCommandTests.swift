import Foundation
import TestSupport
import Testing

/// From pictures to a network in 8 bits, and to a plan of it.
@Suite(.serialized) struct QuantizeCommandTests {
  private static let images = SharedData.checkout + "/Samples/images"
  private static let shapes = SharedData.checkout + "/Samples/shapes-yolov5n.pt"

  @Test func theSampleInEightBitsStillFindsItsObjects() throws {
    let scratch = try ScratchFolder()
    let (table, file) = (scratch.file("t.json"), scratch.file("int8.onnx"))
    let plan = scratch.file("int8.plan")
    let calibrated = try VitrineProcess.run([
      "calibrate", Sample.checkpoint, "--images", Self.images, "-o", table,
      "--tensorrt-cache", scratch.file("int8.cache"),
    ])
    #expect(calibrated.status == 0, "\(calibrated.errors)")
    let cache = try String(contentsOfFile: scratch.file("int8.cache"), encoding: .utf8)
    #expect(cache.hasPrefix("TRT-8600-EntropyCalibration2\nimages: "))
    let quantized = try VitrineProcess.run([
      "quantize", Sample.checkpoint, "--calibration", table, "-o", file, "--json",
    ])
    #expect(quantized.status == 0, "\(quantized.errors)")
    let result = try JSONDecoder().decode(Result.self, from: Data(quantized.output.utf8))
    #expect(result.quantizedShare > 0.99 && result.calibrationPictures == 4)
    let built = try VitrineProcess.run(["build", file, "-o", plan, "--level", "0"])
    #expect(built.status == 0, "\(built.errors)")
    let expected = try objects([Sample.checkpoint])
    for model in [file, plan] {
      let found = try objects([model])
      #expect(abs(found - expected) <= 2 && expected > 20, "\(model): \(found) of \(expected)")
    }
  }

  @Test func tablesBelongToOneModel() throws {
    let scratch = try ScratchFolder()
    let (table, other) = (scratch.file("t.json"), scratch.file("other.onnx"))
    let calibrated = try VitrineProcess.run([
      "calibrate", Sample.checkpoint, "--images", Self.images, "-o", table, "--samples", "2",
    ])
    #expect(calibrated.status == 0, "\(calibrated.errors)")
    #expect(try VitrineProcess.run(["export", Sample.checkpoint, "-o", other]).status == 0)
    let mixed = try VitrineProcess.run(["quantize", other, "--calibration", table])
    #expect(mixed.status == 70 && mixed.errors.contains("calibration.other-model"))
    let unknown = try VitrineProcess.run([
      "quantize", Sample.checkpoint, "--calibration", table, "--keep", "model.99",
    ])
    #expect(unknown.status == 64 && unknown.errors.contains("quantize.unknown-module"))
    let wrong = try VitrineProcess.run([
      "quantize", Sample.checkpoint, "--calibration", Sample.checkpoint,
    ])
    #expect(wrong.status == 70 && wrong.errors.contains("calibration.unreadable"))
  }

  /// Layers ranked, plans measured, a plan found; what was measured is not measured again.
  @Test func layersAreRankedAndPlansMeasured() throws {
    let scratch = try ScratchFolder()
    let (table, file) = (scratch.file("t.json"), scratch.file("int8.onnx"))
    let (recipe, report) = (scratch.file("recipe.json"), scratch.file("report.json"))
    let calibrated = try VitrineProcess.run([
      "calibrate", Self.shapes, "--images", Self.images, "-o", table,
    ])
    #expect(calibrated.status == 0, "\(calibrated.errors)")
    let first = try VitrineProcess.run([
      "sensitivity", Self.shapes, "--calibration", table, "--data", "synth:seed=9,count=2",
      "--save", report, "--json",
    ])
    #expect(first.status == 0, "\(first.errors)")
    let record = try JSONDecoder().decode(Sensitivity.self, from: Data(first.output.utf8))
    #expect(record.layers.count > 5 && record.layers.allSatisfy { $0.agreement > 0.3 })
    #expect(abs(record.layers.reduce(0) { $0 + $1.share } - 1) < 1e-6)
    // From everything in 8 bits to everything in float, where nothing is lost.
    #expect(
      record.plans.first?.kept.count == 0 && record.plans.last?.kept.count == record.layers.count
    )
    #expect(record.plans.last?.agreement == 1)
    #expect(record.plans.last?.averagePrecision == record.floatAveragePrecision)
    let again = try VitrineProcess.run([
      "sensitivity", Self.shapes, "--calibration", table, "--data", "synth:seed=9,count=2",
      "--json",
    ])
    #expect(again.output == first.output)
    let page = try VitrineProcess.run(["report", report, "-o", scratch.file("page.html")])
    #expect(page.status == 0, "\(page.errors)")
    let quantized = try VitrineProcess.run([
      "quantize", Self.shapes, "--calibration", table, "--target-map-drop", "0",
      "--data", "synth:seed=9,count=2", "-o", file, "--save-recipe", recipe, "--json",
    ])
    #expect(quantized.status == 0, "\(quantized.errors)")
    let made = try String(contentsOfFile: recipe, encoding: .utf8)
    #expect(made.contains("keptLayers"))
    // One recipe, another engine's form.
    let other = try VitrineProcess.run([
      "quantize", Self.shapes, "--calibration", table, "--recipe", recipe, "--for",
      "tensorrt", "-o", scratch.file("trt.onnx"), "--json",
    ])
    #expect(other.status == 0, "\(other.errors)")
    let (one, two) = try (kept(quantized.output), kept(other.output))
    #expect(one == two)
    let foreign = try VitrineProcess.run([
      "quantize", scratch.file("trt.onnx"), "--calibration", table, "--recipe", recipe,
    ])
    #expect(foreign.status == 70)
  }

  private func kept(_ output: String) throws -> [String] {
    struct Kept: Decodable { let keptLayers: [String] }
    return try JSONDecoder().decode(Kept.self, from: Data(output.utf8)).keptLayers
  }

  /// Every layer really runs in 8 bits; a file that asks for none proves nothing wrong; the float
  /// network's boxes and the quantised ones differ somewhere, and a layer is named.
  @Test func whatRunsIsProvedAndWhatIsWrongIsFound() throws {
    let scratch = try ScratchFolder()
    let (table, file) = (scratch.file("t.json"), scratch.file("int8.onnx"))
    for step in [
      ["calibrate", Self.shapes, "--images", Self.images, "-o", table],
      ["quantize", Self.shapes, "--calibration", table, "-o", file],
    ] {
      let run = try VitrineProcess.run(step)
      #expect(run.status == 0, "\(run.errors)")
    }
    let proved = try VitrineProcess.run(["prove", file, "--json"])
    #expect(proved.status == 0, "\(proved.errors)")
    #expect(proved.output.contains("\"passes\" : true"))
    // The reference interpreter says of no layer how it ran: nothing is proved.
    let unproved = try VitrineProcess.run([
      "prove", file, "--backend", "reference", "--imgsz", "320",
    ])
    #expect(unproved.status != 0)
    let kept = scratch.file("kept.onnx")
    let half = try VitrineProcess.run([
      "quantize", Self.shapes, "--calibration", table, "--keep", "model.0", "model.1",
      "model.2", "model.3", "-o", kept,
    ])
    #expect(half.status == 0, "\(half.errors)")
    #expect(try VitrineProcess.run(["prove", kept]).status == 1)
    #expect(try VitrineProcess.run(["prove", kept, "--least", "0.2"]).status == 0)
    let found = try VitrineProcess.run([
      "bisect", Self.shapes, file, "--images", Self.images, "--json",
    ])
    #expect(found.status == 0, "\(found.errors)")
    let bisection = try JSONDecoder().decode(Bisected.self, from: Data(found.output.utf8))
    #expect(bisection.suspects.count == 60 && bisection.picture != nil && bisection.error > 0)
    #expect(
      try VitrineProcess.run(["bisect", file, Self.shapes, "--images", Self.images]).status
        == 70
    )
  }

  /// Each step is booked; pictures that were calibrated with are refused.
  @Test func accuracyIsBookedStepByStep() throws {
    let scratch = try ScratchFolder()
    let (table, file) = (scratch.file("t.json"), scratch.file("int8.onnx"))
    let report = scratch.file("ledger.json")
    for step in [
      ["calibrate", Self.shapes, "--images", Self.images, "-o", table],
      ["quantize", Self.shapes, "--calibration", table, "-o", file],
      [
        "compare", "ledger", Self.shapes, "--int8", file, "--data", "synth:seed=9,count=4",
        "--calibration", table, "--bootstrap", "50", "--save", report,
      ], ["report", report, "-o", scratch.file("page.html")],
    ] {
      let run = try VitrineProcess.run(step)
      #expect(run.status == 0, "\(run.errors)")
    }
    let text = try String(contentsOfFile: report, encoding: .utf8)
    for step in ["rect", "square", "resize", "onnx", "bf16", "int8", "nms"] {
      #expect(text.contains("\"step\" : \"\(step)\""), "\(step)")
    }
    let leaked = try VitrineProcess.run([
      "compare", "ledger", Self.shapes, "--int8", file, "--data",
      SharedData.checkout + "/Samples/annotations.json", "--calibration", table,
    ])
    #expect(leaked.status == 70 && leaked.errors.contains("calibration.leakage"))
  }

  private struct Bisected: Decodable {
    struct Suspect: Decodable {}
    let suspects: [Suspect]
    let picture: String?
    let error: Double
  }

  private struct Sensitivity: Decodable {
    struct Layer: Decodable {
      let agreement: Double
      let share: Double
    }
    struct Plan: Decodable {
      let kept: [String]
      let agreement: Double
      let averagePrecision: Double?
    }
    let layers: [Layer]
    let plans: [Plan]
    let floatAveragePrecision: Double?
  }

  @Test func onePictureIsTooFew() throws {
    let scratch = try ScratchFolder()
    let picture = Self.images + "/000000.jpg"
    let run = try VitrineProcess.run([
      "calibrate", Sample.checkpoint, "--images", picture, "-o", scratch.file("t.json"),
    ])
    #expect(run.status == 70 && run.errors.contains("calibration.too-few-pictures"))
    #expect(scratch.files.isEmpty)
  }

  private struct Result: Decodable {
    let quantizedShare: Double
    let calibrationPictures: Int
  }

  private struct Found: Decodable {
    struct Picture: Decodable {
      struct One: Decodable {}
      let detections: [One]
    }
    let pictures: [Picture]
  }

  private func objects(_ model: [String]) throws -> Int {
    let run = try VitrineProcess.run(["detect"] + model + [Self.images, "--json", "--square"])
    #expect(run.status == 0, "\(run.errors)")
    let found = try JSONDecoder().decode(Found.self, from: Data(run.output.utf8))
    return found.pictures.reduce(0) { $0 + $1.detections.count }
  }
}
