import Datasets
import Diagnostics
import Metrics
import Testing

@Suite struct AccuracyRuleTests {
  private static let box = Rectangle(x: 10, y: 10, width: 40, height: 40)

  private func dataset(_ labels: [Label], empty: Int = 0) -> Dataset {
    var pictures = [
      LabelledPicture(identifier: 1, path: "a", width: 99, height: 99, labels: labels)
    ]
    for index in 0..<empty { pictures.append(LabelledPicture(identifier: 2 + index, path: "b")) }
    return Dataset(name: "test", format: .coco, classNames: ["a", "b"], pictures: pictures)
  }

  private func prediction(_ score: Double, _ classIndex: Int = 0) -> Prediction {
    Prediction(classIndex: classIndex, score: score, rectangle: Self.box)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func aScoreThatIsNoNumberIsRefused(_ score: Double) async {
    let judge = AccuracyJudge(dataset([Label(identifier: 1, classIndex: 0, rectangle: Self.box)]))
    await #expect { _ = try await judge.accuracy(of: [[prediction(score)]]) } throws: {
      ($0 as? DeployError)?.id == .resultsInvalidScore
    }
  }

  @Test func nothingToFindIsRefused() async {
    await #expect {
      _ = try await AccuracyJudge(dataset([])).accuracy(of: [[prediction(1)]])
    } throws: {
      ($0 as? DeployError)?.id == .datasetEmpty
    }
  }

  @Test func confusionCountsWhatIsTakenForWhat() async throws {
    let labels = [
      Label(identifier: 1, classIndex: 0, rectangle: Self.box),
      Label(identifier: 2, classIndex: 1, rectangle: Rectangle(x: 70, y: 70, width: 9, height: 9)),
    ]
    let judge = AccuracyJudge(dataset(labels, empty: 1))
    let found = [[prediction(0.9, 1), prediction(0.2)], [prediction(0.8)]]
    let confusion = try #require(try await judge.accuracy(of: found).confusion)
    // Row predicted, column actual: a taken for b; b missed; a seen in the empty picture.
    #expect(confusion.counts == [[0, 0, 1], [1, 0, 0], [0, 1, 0]])
  }

  @Test func topFiveAndTopOne() throws {
    let pictures = [0, 1, 1, 0].enumerated().map {
      LabelledPicture(identifier: $0 + 1, path: "p", classIndex: $1)
    }
    let dataset = Dataset(
      name: "test",
      format: .folder,
      classNames: ["a", "b"],
      pictures: pictures
    )
    var judge = ClassificationJudge(dataset)
    judge.resampleCount = 100
    let accuracy = try judge.accuracy(of: [[0, 1], [0, 1], [1, 0], [nil, nil]])
    #expect(accuracy.top1.value == 0.5)
    #expect(accuracy.top5.value == 0.75)
    #expect(accuracy.confusion?.counts == [[1, 1], [0, 1]])
    #expect(accuracy.top1.interval != nil)
  }
}
