import Datasets
import Files
import Images

/// What a picture looks like in a few numbers.
struct PictureLook: Sendable {
  let path: String
  let digest: String
  let width: Int
  let height: Int
  /// The mean of its bytes, 0 ... 255.
  let mean: Double
  /// Their standard deviation.
  let deviation: Double

  init(_ path: String) throws {
    self.path = path
    digest = try SHA256.hex(ofFile: path)
    var image = Image(width: 0, height: 0)
    try ImageReader().read(path, into: &image)
    (width, height) = (image.width, image.height)
    var (sum, squares, count) = (0, 0, 0)
    // Every eleventh byte: enough, and no multiple of a pixel or a row.
    for index in stride(from: 0, to: image.pixels.count, by: 11) {
      let value = Int(image.pixels[index])
      sum += value
      squares += value * value
      count += 1
    }
    let total = Double(max(1, count))
    mean = Double(sum) / total
    deviation = max(0, Double(squares) / total - mean * mean).squareRoot()
  }

  /// Whether there is nothing to see.
  var isFeatureless: Bool { deviation < 4 }
}

/// Pictures that together cover the classes, sizes and brightness that all cover: those first that add
/// most.
struct CalibrationSuggestion {
  let paths: [String]

  /// At most this many are suggested.
  private static let limit = 64

  init(_ looks: [PictureLook], _ objects: [[Prediction]]) {
    let traits = zip(looks, objects).map { look, found -> Set<String> in
      guard !look.isFeatureless else { return [] }
      var traits: Set<String> = ["brightness \(Int(look.mean) / 32)"]
      for object in found {
        traits.insert("class \(object.classIndex)")
        traits.insert("class \(object.classIndex) \(Self.size(object.area))")
      }
      return traits
    }
    // A trait that a picture repeats still helps, but less each time.
    var seen: [String: Int] = [:]
    var rest = Set(looks.indices)
    var chosen: [Int] = []
    while chosen.count < Self.limit {
      let gain = { (index: Int) in
        traits[index].reduce(0.0) { $0 + 1 / Double(1 << min(20, 2 * seen[$1, default: 0])) }
      }
      guard let best = rest.min(by: { (-gain($0), $0) < (-gain($1), $1) }), gain(best) > 0.05
      else { break }
      for trait in traits[best] { seen[trait, default: 0] += 1 }
      rest.remove(best)
      chosen.append(best)
    }
    paths = chosen.map { looks[$0].path }
  }

  /// COCO's names of sizes.
  static func size(_ area: Double) -> String {
    area < 32 * 32 ? "small" : area < 96 * 96 ? "medium" : "large"
  }
}
