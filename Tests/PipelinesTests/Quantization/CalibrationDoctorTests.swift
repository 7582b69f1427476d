import Datasets
import Diagnostics
import Files
import Formats
import Graphs
import Images
import Metrics
import Models
import Scenes
import Tensors
import TestSupport
import Testing

@testable import Pipelines

/// Calibrations that are wrong on purpose are diagnosed by name.
@Suite(.serialized) struct CalibrationDoctorTests {
  private static let sample = SharedData.checkout + "/Samples/shapes-yolov5n.pt"

  /// Scenes that are wider than high, so that they are padded.
  private static func scenes(
    _ folder: TemporaryFolder,
    _ count: Int,
    where fits: (Scene) -> Bool = { _ in true }
  ) throws -> [String] {
    var options = SceneOptions(width: 320, height: 200)
    options.scale = 0.2...0.5
    var paths: [String] = []
    var index = 0
    while paths.count < count {
      let scene = try Scene(seed: 3, index: index, options: options)
      index += 1
      guard fits(scene) else { continue }
      let path = "\(folder.path)/\(paths.count + 100).png"
      try scene.image.write(to: path)
      paths.append(path)
    }
    return paths
  }

  private static func findings(
    _ paths: [String],
    _ folder: TemporaryFolder,
    against: [String] = [],
    change: (inout CalibrateJob) -> Void = { _ in }
  ) async throws -> CalibrationFindings {
    var job = CalibrateJob(model: sample, sources: paths)
    change(&job)
    let table = folder.path + "/table.json"
    try await job.run().write(to: table)
    var doctor = CalibrationDoctorJob(model: sample, calibration: table)
    doctor.against = against
    return try await doctor.run()
  }

  private static func problems(_ findings: CalibrationFindings) -> [String] {
    findings.findings.filter(\.isProblem).map(\.name)
  }

  @Test func aGoodCalibrationIsGood() async throws {
    let folder = try TemporaryFolder()
    let paths = try Self.scenes(folder, 24)
    let findings = try await Self.findings(paths, folder)
    #expect(Self.problems(findings) == [] && findings.passes)
    #expect(findings.classes.count > 3 && findings.sizes.map(\.count).reduce(0, +) > 20)
    #expect(findings.brightness.map(\.count).reduce(0, +) == 24)
    #expect(!findings.suggested.isEmpty && Set(findings.suggested).isSubset(of: Set(paths)))
  }

  @Test func picturesToMeasureWithAreFound() async throws {
    let folder = try TemporaryFolder()
    let paths = try Self.scenes(folder, 20)
    let copy = folder.path + "/copy.png"
    try AtomicFile.write(fileBytes(paths[3]), to: copy)
    let findings = try await Self.findings(paths, folder, against: [copy])
    #expect(Self.problems(findings) == ["leakage"])
  }

  @Test func pixelsThatWereNotDividedAreFound() async throws {
    let folder = try TemporaryFolder()
    let findings = try await Self.findings(try Self.scenes(folder, 20), folder) { job in
      var wrong = ModelContract.Preprocessing()
      wrong.scale = 1
      job.preprocessing = wrong
    }
    #expect(Self.problems(findings).contains("not-scaled"))
  }

  @Test func picturesThatWereStretchedAreFound() async throws {
    let folder = try TemporaryFolder()
    let findings = try await Self.findings(try Self.scenes(folder, 20), folder) {
      $0.isStretched = true
    }
    #expect(Self.problems(findings) == ["not-letterboxed"])
  }

  @Test func blackPicturesAreFound() async throws {
    let folder = try TemporaryFolder()
    var paths: [String] = []
    for index in 0..<20 {
      // Not equal byte by byte, as a camera with its lid on would not be.
      let pixels = (0..<320 * 200 * 3).map { UInt8($0 % (89 + index) == 0 ? 1 : 0) }
      let path = "\(folder.path)/black\(index).png"
      try Image(width: 320, height: 200, pixels: pixels).write(to: path)
      paths.append(path)
    }
    let findings = try await Self.findings(paths, folder)
    #expect(Self.problems(findings).contains("black-pictures"))
  }

  /// Judged by what a network found: the sample is not sure enough of single shapes.
  @Test(arguments: [(30, ["one-class"]), (20, [])])
  func picturesOfOneClassAreFound(_ count: Int, _ problems: [String]) {
    let objects = (0..<32).map { index in
      Prediction(
        classIndex: index < count ? 1 : index % 3,
        score: 0.9,
        rectangle: Rectangle(x: 0, y: 0, width: 20, height: 20)
      )
    }
    var findings = CalibrationFindings(model: "m", pictureCount: 32, method: .mse)
    findings.judge(objects.map { [$0] }, classNames: ["circle", "square", "star"])
    #expect(Self.problems(findings) == problems && findings.passes == problems.isEmpty)
  }

  @Test func aForeignCacheIsExamined() async throws {
    let folder = try TemporaryFolder()
    let paths = try Self.scenes(folder, 16)
    let table = try await CalibrateJob(model: Self.sample, sources: paths).run()
    let path = folder.path + "/int8.cache"
    var doctor = CalibrationDoctorJob(model: Self.sample, calibration: path)
    await #expect(throws: DeployError.self) { try await doctor.run() }
    try table.writeTensorRTCache(.minmax, to: path)
    await expectError("calibration.no-pictures") { try await doctor.run() }
    doctor.images = paths
    #expect(try await doctor.run().passes)
    // As a calibrator that was fed with bytes writes it: 255 / 127 for the input.
    var cache = try TensorRTCache(path: path)
    cache.scales[0].scale = 255 / 127
    try AtomicFile.write(cache.text, to: path)
    #expect(Self.problems(try await doctor.run()).contains("not-scaled"))
  }

  private func expectError(
    _ id: Diagnostic.ID,
    _ body: () async throws -> CalibrationFindings
  ) async {
    do {
      _ = try await body()
      Issue.record("no error")
    } catch {
      #expect((error as? DeployError)?.diagnostics[0].id == id, "\(error)")
    }
  }
}
