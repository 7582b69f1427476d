import Detectors
import FoundationEssentials
import Glibc
import Pipelines
import TestSupport
import Testing

/// PyTorch's detections on the two usual pictures.
@Suite(
  "Detections equal PyTorch's",
  .enabled(if: SharedData.isAvailable && access(Engines.folder, R_OK) == 0)
)
struct DetectJobTests {
  struct Reference: Decodable {
    struct Found: Decodable {
      let cls: Int
      let conf: Float
      let xyxy: [Float]
    }
    let detections: [Found]
  }

  static let modes: [(DetectJob.Shape, String)] = [
    (.rect, "rect_auto(detect.py default)"), (.square, "square640"),
  ]

  static func references() throws -> [String: [String: [String: Reference]]] {
    let data = try Data(contentsOf: URL(filePath: SharedData.path("reference/detections.json")))
    return try JSONDecoder().decode([String: [String: [String: Reference]]].self, from: data)
  }

  @Test(
    "same classes and count, IoU ≥ 0.99, scores within 0.002",
    arguments: ["yolov5n_v7.0.pt", "yolov5s_v6.0.pt"],
    modes
  )
  func equalsPyTorch(_ model: String, _ mode: (shape: DetectJob.Shape, name: String)) async throws {
    let names = ["bus", "zidane"]
    var job = DetectJob(
      model: SharedData.path("models/" + model),
      sources: names.map { SharedData.path("coco/\($0).jpg") }
    )
    job.shape = mode.shape
    let cache = String(Engines.folder.dropLast("/engines".count))
    job.backend = BackendChoice(threadCount: 1, cache: cache)
    let result = try await job.run()
    try #require(result.pictures.count == names.count)
    let references = try Self.references()
    for (name, picture) in zip(names, result.pictures) {
      let expected = try #require(references[model]?[name]?[mode.name]).detections
      try #require(!expected.isEmpty)
      #expect(picture.detections.count == expected.count, "\(name)")
      var rest = picture.detections
      for one in expected {
        let box = Box(x1: one.xyxy[0], y1: one.xyxy[1], x2: one.xyxy[2], y2: one.xyxy[3])
        let place = rest.firstIndex {
          $0.classIndex == one.cls && $0.box.intersectionOverUnion(with: box) >= 0.99
        }
        let found = rest.remove(at: try #require(place, "\(name): class \(one.cls) at \(box)"))
        #expect(abs(found.confidence - one.conf) <= 0.002)
      }
    }
  }
}
