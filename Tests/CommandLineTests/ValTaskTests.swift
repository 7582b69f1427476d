import Foundation
import TestSupport
import Testing

/// `vitrine val` on networks that segment and classify, from the files to the figures. On the
/// reference interpreter, whose numbers are the same everywhere.
@Suite struct ValTaskTests {
  private static let network = ["--backend", "reference", "--imgsz", "64"]
  private static let models = SharedData.checkout + "/Tests/ModelsTests/Fixtures/"
  private static let images = SharedData.checkout + "/Samples/images"
  private static let fixtures = SharedData.checkout + "/Tests/CommandLineTests/Fixtures/"

  private struct Figure: Decodable {
    let name: String
    let value: Double
  }

  private struct Record: Decodable {
    struct Part: Decodable { let coco: [Figure] }
    struct Classes: Decodable {
      let top1: Figure
      let top5: Figure
    }
    let task: String
    let boxes: Part?
    let masks: Part?
    let classification: Classes?
  }

  private func val(_ arguments: [String]) throws -> Record {
    let run = try VitrineProcess.run(
      ["val"] + arguments + ["--bootstrap", "0", "--no-history", "--json"]
    )
    #expect(run.status == 0, "\(run.errors)")
    return try JSONDecoder().decode(Record.self, from: Data(run.output.utf8))
  }

  /// The truth is pycocotools': see the fixtures' PROVENANCE.md.
  @Test func masksAndBoxesAreJudgedAsPycocotoolsDoes() throws {
    let labels = Self.fixtures + "segmentation-labels.json"
    let expected = try JSONDecoder().decode(
      [String: [Double]].self,
      from: Data(contentsOf: URL(filePath: Self.fixtures + "segmentation-figures.json"))
    )
    let scratch = try ScratchFolder()
    let results = scratch.file("results.json")
    let record = try val(
      [Self.models + "tiny-seg.pt", "--data", labels, "--images", Self.images]
        + Self.network + ["--save-json", results]
    )
    #expect(record.task == "segment")
    // What was written is judged alike when it is read again.
    let read = ["--detections", results, "--data", labels]
    let parts = [
      ("boxes", record.boxes), ("boxes", try val(read).boxes), ("masks", record.masks),
      ("masks", try val(read + ["--masks"]).masks),
    ]
    for (kind, part) in parts {
      let values = try #require(part).coco
      let wanted = try #require(expected[kind])
      #expect(values.count == 12 && wanted.count == 12)
      #expect(wanted[0] > 0.01, "figures of zero would show nothing")
      for (figure, value) in zip(values, wanted) {
        #expect(abs(figure.value - value) < 1e-6, "\(kind) \(figure.name)")
      }
    }
  }

  /// Labels that `synth` wrote, given back as results, are right to the last pixel: areas and boxes
  /// are the masks', or the AP of sizes would differ. Masks of other objects are wrong.
  @Test func masksOfDrawnScenesAreRead() throws {
    let scratch = try ScratchFolder()
    let folder = scratch.file("scenes")
    let run = try VitrineProcess.run(["synth", folder, "--count", "6", "--size", "160"])
    #expect(run.status == 0, "\(run.errors)")
    let labels = folder + "/annotations.json"
    let file = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: labels)))
    let rows = try #require((file as? [String: Any])?["annotations"] as? [[String: Any]])
    try #require(rows.count > 8)
    for (turn, range) in [(0, 0.999...1.0), (1, 0...0.1)] {
      let results = rows.enumerated().map { place, row in
        var result = row
        result["score"] = 0.9
        result["segmentation"] = rows[(place + turn) % rows.count]["segmentation"]
        return result
      }
      let path = scratch.file("results-\(turn).json")
      try JSONSerialization.data(withJSONObject: results).write(to: URL(filePath: path))
      let masks = try #require(
        try val(["--detections", path, "--data", labels, "--masks"]).masks
      )
      #expect(range.contains(masks.coco[0].value), "\(masks.coco[0])")
    }
  }

  @Test func labelsWithoutOutlinesAreSaid() throws {
    let run = try VitrineProcess.run(
      [
        "val", Self.models + "tiny-seg.pt", "--data", "synth:count=2,size=64", "--bootstrap", "0",
        "--no-history", "--json",
      ] + Self.network
    )
    // Two classes against eight of other names: nothing can be compared.
    #expect(run.status == 70)
    #expect(run.errors.contains("val.classes-differ"))
  }

  /// A model of five classes, and where the real data is one of eight.
  private static let classifiers =
    [models + "tiny-cls.pt"]
    + (SharedData.isAvailable ? [SharedData.path("models/custom_v7_n-cls_nc8_armposes.pt")] : [])

  /// Pictures lie in the folders of classes whose ranks `detect` tells: 1, 1, 3, and 6 where there
  /// are so many.
  @Test(arguments: classifiers)
  func classesAreRanked(model: String) throws {
    let network = Self.network
    struct Found: Decodable {
      struct Picture: Decodable {
        struct Score: Decodable { let classIndex: Int }
        let path: String
        let classes: [Score]
      }
      let classNames: [String]
      let pictures: [Picture]
    }
    let run = try VitrineProcess.run(["detect", model, Self.images, "--json"] + network)
    let found = try JSONDecoder().decode(Found.self, from: Data(run.output.utf8))
    try #require(found.pictures.count == 4 && found.classNames.count >= 5)
    let hasMore = found.classNames.count > 5
    let scratch = try ScratchFolder()
    for name in found.classNames {
      try FileManager.default.createDirectory(
        atPath: scratch.file(name),
        withIntermediateDirectories: true
      )
    }
    for (picture, rank) in zip(found.pictures, [0, 0, 2, hasMore ? 5 : 4]) {
      let shown = picture.classes.map(\.classIndex)
      // Five are told; whatever is not among them is ranked below.
      let index = rank < 5 ? shown[rank] : found.classNames.indices.first { !shown.contains($0) }
      let folder = scratch.file(found.classNames[try #require(index)])
      let name = (picture.path as NSString).lastPathComponent
      try FileManager.default.copyItem(atPath: picture.path, toPath: folder + "/" + name)
    }
    let record = try val([model, "--data", scratch.path] + network)
    #expect(record.task == "classify")
    #expect(record.classification?.top1.value == 0.5)
    #expect(record.classification?.top5.value == (hasMore ? 0.75 : 1))
    let refused = try VitrineProcess.run(
      ["val", model, "--data", scratch.path, "--conf", "0.5", "--no-history"] + network
    )
    #expect(refused.status == 64)
    #expect(refused.errors.contains("val.unused-option"))
  }
}
