import Datasets
import Files

/// Writes predictions as COCO results: an array of `image_id`, `category_id`, `bbox`, `score`, and
/// of `segmentation` (compressed runs) where masks were found.
enum ResultsWriter {
  /// Numbers are written so short that reading them as single precision gives them back.
  static func write(_ predictions: [[Prediction]], of dataset: Dataset, to path: String) throws {
    var file = try AtomicFile(path: path)
    try file.write(Array("[".utf8))
    var isFirst = true
    for (picture, found) in zip(dataset.pictures, predictions) {
      var text = ""
      for prediction in found {
        text += isFirst ? "\n" : ",\n"
        isFirst = false
        let box = prediction.rectangle
        let numbers = [box.x, box.y, box.width, box.height].map { "\(Float($0))" }
        text += #"{"image_id":\#(picture.identifier),"#
        text += #""category_id":\#(dataset.categories[prediction.classIndex]),"#
        text += #""bbox":[\#(numbers.joined(separator: ","))],"score":\#(Float(prediction.score))"#
        if case .runs(let mask)? = prediction.region {
          // The text's characters reach from '0' to 'o' and so hold one that JSON escapes.
          let runs = mask.text.replacing("\\", with: "\\\\")
          text += #","segmentation":{"size":[\#(mask.height),\#(mask.width)],"counts":"\#(runs)"}"#
        }
        text += "}"
      }
      try file.write(Array(text.utf8))
    }
    try file.write(Array("\n]\n".utf8))
    try file.commit()
  }
}
