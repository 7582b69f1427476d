import Backends
import BackendsNative
import Datasets
import Detectors
import Formats
import Graphs
import Images
import Metrics
import Models
import Pipelines
import Scenes

/// The sample network on the native engine, for experiments.
struct NetworkBench {
  let graph: Graph
  let contract: ModelContract
  /// Height and width of the network's input in experiments, in pixels.
  static let size = 320

  /// - Throws: what reading and importing throw.
  init(
    model: String,
    dynamic: ImportOptions.DynamicAxes = .none,
    size: Int = Self.size
  ) throws {
    var options = ImportOptions()
    options.dynamic = dynamic
    options.imageSize = [size, size]
    let checkpoint = try CheckpointReader.read(path: model)
    let imported = try ModelImporter().graph(from: checkpoint, options: options)
    guard let contract = imported.graph.contract else {
      preconditionFailure("every import states a contract")
    }
    (graph, self.contract) = (imported.graph, contract)
  }

  func plan(threads: Int? = nil) async throws -> any Plan {
    var configuration = BuildConfiguration()
    configuration.threadCount = threads
    return try await NativeBackend().build(graph, configuration: configuration).plan
  }

  /// AP50 on drawn pictures, by COCO's rules.
  static func accuracy(
    _ detector: Detector,
    seed: UInt64,
    count: Int,
    options: SceneOptions
  ) throws -> Double {
    let session = try detector.makeSession()
    var pictures: [LabelledPicture] = []
    var predictions: [[Prediction]] = []
    for index in 0..<count {
      try Task.checkCancellation()
      let scene = try Scene(seed: seed, index: index, options: options)
      let found = try session.detect(scene.image).detections
      pictures.append(LabelledPicture(scene, identifier: index))
      let own = found.map { detection in
        Prediction(
          classIndex: detection.classIndex,
          score: Double(detection.confidence),
          rectangle: Rectangle(
            x: Double(detection.box.x1),
            y: Double(detection.box.y1),
            width: Double(detection.box.x2 - detection.box.x1),
            height: Double(detection.box.y2 - detection.box.y1)
          )
        )
      }
      predictions.append(own)
    }
    let dataset = Dataset(
      name: "scenes",
      format: .synth,
      classNames: ShapeClass.allCases.map(\.rawValue),
      pictures: pictures
    )
    let figures = try COCOEvaluator().evaluate(dataset, predictions: predictions).figures
    return figures.first { $0.name == "AP50" }?.value ?? -1
  }
}
