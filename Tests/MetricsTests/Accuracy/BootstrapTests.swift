import Datasets
import Testing

@testable import Metrics

@Suite struct BootstrapTests {
  /// Boxes in a row, some right, some not, of two classes over twelve pictures.
  private func sample() -> (Dataset, [[Prediction]]) {
    var random = SplitMix(seed: 7)
    var pictures: [LabelledPicture] = []
    var predictions: [[Prediction]] = []
    for number in 1...12 {
      var picture = LabelledPicture(identifier: number, path: "p", width: 900, height: 900)
      var found: [Prediction] = []
      for place in 0..<6 {
        let size = [20.0, 60, 120][place % 3]
        let box = Rectangle(x: Double(150 * place), y: 10, width: size, height: size)
        let classIndex = random.index(below: 2)
        picture.labels.append(
          Label(
            identifier: 100 * number + place,
            classIndex: classIndex,
            rectangle: box,
            isCrowd: random.index(below: 8) == 0
          )
        )
        for _ in 0..<random.index(below: 4) {
          var near = box
          near.x += (random.fraction() - 0.5) * size
          found.append(
            Prediction(classIndex: classIndex, score: random.fraction(), rectangle: near)
          )
        }
      }
      pictures.append(picture)
      predictions.append(found)
    }
    let names = ["a", "b"]
    return (Dataset(name: "t", format: .coco, classNames: names, pictures: pictures), predictions)
  }

  @Test func everyPictureOnceGivesTheFigures() throws {
    let (dataset, predictions) = sample()
    let coco = try COCOEvaluator().evaluate(dataset, predictions: predictions)
    let yolo = YOLOEvaluation(dataset, predictions, .boxes)
    let plain = AccuracyBootstrap(coco, yolo, resampleCount: 10).plain()
    for figure in coco.figures + yolo.figures {
      guard let value = plain[figure.name] else { continue }
      #expect(abs(value - figure.value) < 1e-9, "\(figure.name)")
    }
    #expect(plain.count == 12)
  }
}
