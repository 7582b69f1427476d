import Images

/// The truth of many scenes as one JSON document in COCO's detection format.
/// Source: https://cocodataset.org/#format-data, "Object Detection".
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
    for object in scene.objects {
      let box = "[\(object.x),\(object.y),\(object.width),\(object.height)]"
      annotations.append(
        #"{"id":\#(annotations.count + 1),"image_id":\#(image),"#
          + #""category_id":\#(object.shape.index + 1),"bbox":\#(box),"area":\#(object.area),"#
          + #""iscrowd":0,"segmentation":[]}"#
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
