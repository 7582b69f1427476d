package import Datasets
import Diagnostics
import Images
package import Scenes

extension LabelledSource {
  /// `synth` or `synth:seed=7,count=200,size=320`.
  static func scenes(_ text: String) throws -> LabelledSource {
    var (seed, count, size) = (1, 200, 320)
    for setting in text.dropFirst("synth:".count).split(separator: ",") {
      let parts = setting.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, let value = Int(parts[1]), value >= 0 else {
        throw invalid("'\(setting)' is no setting")
      }
      switch parts[0] {
      case "seed": seed = value
      case "count": count = value
      case "size": size = value
      default: throw invalid("there is no setting '\(parts[0])'")
      }
    }
    guard (1...1_000_000).contains(count) else {
      throw invalid("\(count) pictures are not between 1 and 1,000,000")
    }
    let options = SceneOptions(width: size, height: size)
    try options.validate()
    let pictures = try (0..<count).map { index in
      try picture(index, seed: UInt64(seed), options)
    }
    let dataset = Dataset(
      name: "synth, seed \(seed)",
      format: .synth,
      classNames: ShapeClass.allCases.map(\.rawValue),
      categories: ShapeClass.allCases.map { $0.index + 1 },
      pictures: pictures
    )
    return LabelledSource(dataset: dataset, pictures: .scenes(options, seed: UInt64(seed)))
  }

  private static func picture(
    _ index: Int,
    seed: UInt64,
    _ options: SceneOptions
  ) throws -> LabelledPicture {
    LabelledPicture(
      try Scene(seed: seed, index: index, options: options),
      identifier: index + 1,
      path: "scene \(index)"
    )
  }

  private static func invalid(_ message: String) -> DeployError {
    DeployError(
      .datasetUnknownFormat,
      message,
      at: .option("--data"),
      remedy: "give synth:seed=7,count=200,size=320 or parts of it"
    )
  }
}

extension LabelledPicture {
  /// A drawn scene with its exact labels and masks of what is visible, numbered from 1.
  package init(_ scene: Scene, identifier: Int, path: String = "") {
    let (width, height) = (scene.image.width, scene.image.height)
    let labels = zip(scene.objects, scene.runs).enumerated().map { place, known in
      let (object, runs) = known
      return Label(
        identifier: place + 1,
        classIndex: object.shape.index,
        rectangle: Rectangle(
          x: Double(object.x),
          y: Double(object.y),
          width: Double(object.width),
          height: Double(object.height)
        ),
        area: Double(object.area),
        region: RunLengthMask(width: width, height: height, runs: runs).map { .runs($0) }
      )
    }
    self.init(
      identifier: identifier,
      path: path,
      width: width,
      height: height,
      labels: labels
    )
  }
}
