import Diagnostics
import Files
import FoundationEssentials
import Glibc
import Images
import Scenes
import Testing

struct SceneDatasetTests {
  /// COCO's detection truth, as far as it is read here.
  private struct Truth: Decodable {
    struct Info: Decodable { var seed: UInt64 }
    struct Picture: Decodable {
      var id: Int
      var fileName: String
      var width: Int
      var height: Int
    }
    struct Annotation: Decodable {
      var id: Int
      var imageId: Int
      var categoryId: Int
      var bbox: [Int]
      var area: Int
      var iscrowd: Int
      var segmentation: Runs
    }
    struct Runs: Decodable {
      var size: [Int]
      var counts: [Int]
    }
    struct Category: Decodable {
      var id: Int
      var name: String
    }
    var info: Info
    var images: [Picture]
    var annotations: [Annotation]
    var categories: [Category]
  }

  private let options = SceneOptions(width: 80, height: 64)

  @Test("pictures and truth on disk are the scenes, in COCO's format")
  func writing() throws {
    let folder = temporaryFolder()
    defer { remove(folder) }
    var steps: [Int] = []
    try SceneDataset(options).write(count: 3, seed: 21, to: folder) { steps.append($0) }
    #expect(steps == [1, 2, 3])

    let file = try MappedFile(path: folder + "/annotations.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let truth = try decoder.decode(Truth.self, from: Data(file.bytes))
    #expect(truth.info.seed == 21)
    #expect(truth.categories.map(\.id) == Array(1...8))
    #expect(truth.categories.map(\.name) == ShapeClass.allCases.map(\.rawValue))
    #expect(truth.images.map(\.fileName) == ["000000.png", "000001.png", "000002.png"])
    #expect(Set(truth.annotations.map(\.id)).count == truth.annotations.count)
    for (index, picture) in truth.images.enumerated() {
      let scene = try Scene(seed: 21, index: index, options: options)
      let rows = truth.annotations.filter { $0.imageId == picture.id }
      #expect(rows.map(\.bbox) == scene.objects.map { [$0.x, $0.y, $0.width, $0.height] })
      #expect(rows.map(\.area) == scene.objects.map(\.area))
      #expect(rows.map(\.categoryId) == scene.objects.map { $0.shape.index + 1 })
      #expect(rows.allSatisfy { $0.segmentation.size == [64, 80] })
      #expect(rows.map(\.segmentation.counts) == scene.runs)
      #expect(picture.width == 80 && picture.height == 64)
      let path = folder + "/images/" + picture.fileName
      #expect(try ImageReader().read(path) == scene.image)
    }
  }

  @Test("a data set that stops halfway has no truth file")
  func interruption() throws {
    let folder = temporaryFolder()
    defer { remove(folder) }
    #expect(throws: CancellationError.self) {
      try SceneDataset(options, format: .jpg).write(count: 3, seed: 1, to: folder) {
        if $0 == 2 { throw CancellationError() }
      }
    }
    #expect(access(folder + "/images/000001.jpg", F_OK) == 0)
    #expect(access(folder + "/annotations.json", F_OK) != 0)
  }

  @Test("no pictures, or a million and one, are refused", arguments: [0, -1, 1_000_001])
  func counts(count: Int) {
    let error = #expect(throws: DeployError.self) {
      try SceneDataset(options).write(count: count, seed: 1, to: temporaryFolder())
    }
    #expect(error?.id == .sceneInvalidOptions)
  }

  private func temporaryFolder() -> String {
    FileManager.default.temporaryDirectory.path + "/scenes-\(UInt64.random(in: .min ... .max))"
  }

  private func remove(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }
}
