import Foundation
import TestSupport
import Testing

/// From pictures to a network in 8 bits, and to a plan of it.
@Suite(.serialized) struct QuantizeCommandTests {
  private static let images = SharedData.checkout + "/Samples/images"

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
