import Images

/// The truth of many scenes as one JSON document in COCO's detection format.
/// Source: https://cocodataset.org/#format-data, "Object Detection".
///
/// Masks are of what is visible, and runs of pixels rather than polygons: a ring has a hole, which
/// COCO's polygons (a union) cannot say, and runs are exact, so that each mask's area and box are
/// the annotation's own.
struct SceneTruth {
  private let options: SceneOptions
  private let seed: UInt64
  private var images: [String] = []
  private var annotations: [String] = []

  init(_ options: SceneOptions, seed: UInt64) {
    self.options = options
    self.seed = seed
  }

  mutating func append(_ scene: Scene, fileName: String) {
    let image = images.count + 1
    images.append(
      #"{"id":\#(image),"file_name":"\#(fileName)","width":\#(scene.image.width),"#
        + #""height":\#(scene.image.height),"license":1}"#
    )
    let size = "[\(scene.image.height),\(scene.image.width)]"
    for (object, runs) in zip(scene.objects, scene.runs) {
      let box = "[\(object.x),\(object.y),\(object.width),\(object.height)]"
      let counts = "[" + runs.map(String.init).joined(separator: ",") + "]"
      annotations.append(
        #"{"id":\#(annotations.count + 1),"image_id":\#(image),"#
          + #""category_id":\#(object.shape.index + 1),"bbox":\#(box),"area":\#(object.area),"#
          + #""iscrowd":0,"segmentation":{"size":\#(size),"counts":\#(counts)}}"#
      )
    }
  }

  /// The document, one record per line.
  var json: String {
    let categories = ShapeClass.allCases.map {
      #"{"id":\#($0.index + 1),"name":"\#($0.rawValue)","supercategory":"shape"}"#
    }
    return """
      {
      "info":\(info),
      "licenses":[{"id":1,"name":"Apache-2.0",\
      "url":"https://www.apache.org/licenses/LICENSE-2.0"}],
      "categories":[
      \(categories.joined(separator: ",\n"))
      ],
      "images":[
      \(images.joined(separator: ",\n"))
      ],
      "annotations":[
      \(annotations.joined(separator: ",\n"))
      ]
      }

      """
  }

  /// What is needed to draw the same scenes again.
  private var info: String {
    let version = SceneDataset.generatorVersion
    return #"{"description":"ShapesDet: shapes on cluttered backgrounds","version":"\#(version)","#
      + #""generator":"vitrine synth","seed":\#(seed),"width":\#(options.width),"#
      + #""height":\#(options.height),"#
      + #""objects":[\#(options.objects.lowerBound),\#(options.objects.upperBound)],"#
      + #""scale":[\#(options.scale.lowerBound),\#(options.scale.upperBound)],"#
      + #""minimum_visible_share":\#(options.minimumVisibleShare),"#
      + #""maximum_clutter":\#(options.maximumClutter),"maximum_noise":\#(options.maximumNoise)}"#
  }
}
