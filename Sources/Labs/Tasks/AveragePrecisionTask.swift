import Datasets
import Diagnostics
import Metrics

/// Lab 5: labels and predictions → average precision.
///
/// `in/…/task.json`: labels and predictions with picture, class and box [x, y, width, height]. `out/…/result.json`: AP50
/// and AP (mean over the overlaps 0.50, 0.55 … 0.95), each the mean over the classes that have labels, by COCO's
/// rule of 101 recalls.
struct AveragePrecisionTask: CaseTask {
  static let name = "average-precision"
  let groups = ["plain", "duplicates", "ties", "sparse", "pictures"]

  struct Item: Sendable, Codable {
    var picture: Int
    var label: Int
    /// x, y, width, height.
    var box: [Double]
    var score: Double?

    enum CodingKeys: String, CodingKey {
      case picture
      case label = "class"
      case box
      case score
    }
  }

  struct Problem: Sendable, Codable {
    var pictures: Int
    var classes: Int
    var labels: [Item]
    var predictions: [Item]
  }

  struct Answer: Sendable, Codable {
    var half: Double
    var mean: Double

    enum CodingKeys: String, CodingKey {
      case half = "AP50"
      case mean = "AP"
    }
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    var problem = draw(group, &random)
    for _ in 0..<200 where !Self.isClear(problem) { problem = draw(group, &random) }
    return problem
  }

  /// Whether no overlap lies at a least overlap, and no recall at one of the 101, where languages round
  /// differently (7/10 is not the seventieth hundredth of NumPy's `linspace`).
  private static func isClear(_ problem: Problem) -> Bool {
    for label in 0..<problem.classes {
      let count = problem.labels.count { $0.label == label }
      if count > 0, count % 10 == 0 { return false }
    }
    for prediction in problem.predictions {
      for label in problem.labels where label.picture == prediction.picture {
        let overlap = rectangle(prediction.box).overlap(with: rectangle(label.box), isCrowd: false)
        let steps = (overlap - 0.5) / 0.05
        if overlap > 0.49, abs(steps - steps.rounded()) < 1e-6 { return false }
      }
    }
    return true
  }

  /// Every object counts as of one size: figures by size are not asked for, and boxes that a mistake turns
  /// inside out must not drop out.
  private static let area = 5000.0

  private static func rectangle(_ box: [Double]) -> Rectangle {
    Rectangle(x: box[0], y: box[1], width: box[2], height: box[3])
  }

  private func draw(_ group: String, _ random: inout SplitMix) -> Problem {
    let pictures = group == "pictures" ? 6 : 2 + random.index(below: 2)
    let classes = 1 + random.index(below: 3)
    var problem = Problem(pictures: pictures, classes: classes, labels: [], predictions: [])
    func number(_ low: Double, _ high: Double) -> Double {
      // Quarters are exact in every language and every float.
      ((low + (high - low) * random.fraction()) * 4).rounded() / 4
    }
    for picture in 0..<pictures {
      for _ in 0..<(group == "sparse" ? random.index(below: 2) : 1 + random.index(below: 4)) {
        var box = [number(0, 200), number(0, 200), number(20, 90), number(20, 90)]
        // A camera that stands still: objects of one picture are where those of another were.
        if group == "pictures" {
          let place = random.index(below: 3)
          box = [20 + 80 * Double(place), 40, number(60, 64), number(60, 64)]
        }
        let label = random.index(below: classes)
        problem.labels.append(Item(picture: picture, label: label, box: box))
        for _
          in 0..<(group == "duplicates"
          ? 1 + random.index(below: 3) : random.index(below: 5) == 0 ? 0 : 1)
        {
          let jitter = 0.02 + 0.12 * random.fraction()
          let moved = zip(box, [box[2], box[3], box[2], box[3]]).map { value, size in
            (value + (random.fraction() * 2 - 1) * jitter * size) * 4
          }
          var guess = moved.map { $0.rounded() / 4 }
          guess[2] = max(4, guess[2])
          guess[3] = max(4, guess[3])
          let shown = random.index(below: 8) == 0 ? random.index(below: classes) : label
          problem.predictions.append(
            Item(picture: picture, label: shown, box: guess, score: score(group, &random))
          )
        }
      }
      for _ in 0..<random.index(below: 3) {
        let box = [number(0, 200), number(0, 200), number(20, 90), number(20, 90)]
        problem.predictions.append(
          Item(
            picture: picture,
            label: random.index(below: classes),
            box: box,
            score: score(group, &random)
          )
        )
      }
    }
    // Without a label nothing is defined.
    if problem.labels.isEmpty {
      problem.labels.append(Item(picture: 0, label: 0, box: [10, 10, 40, 40]))
    }
    shuffle(&problem.predictions, &random)
    return problem
  }

  private func score(_ group: String, _ random: inout SplitMix) -> Double {
    group == "ties"
      ? Double(1 + random.index(below: 4)) / 4 : Double(1 + random.index(below: 9999)) / 10_000
  }

  private func shuffle(_ items: inout [Item], _ random: inout SplitMix) {
    for index in items.indices.dropFirst().reversed() {
      items.swapAt(index, random.index(below: index + 1))
    }
  }

  func write(_ problem: Problem, to folder: String) throws {
    try AnswerFile.write(problem, folder, "task.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    try AnswerFile.json(Answer.self, folder, "result.json")
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "result.json")
  }

  /// What the project's own evaluator says, which equals pycocotools.
  func reference(_ problem: Problem) throws -> Answer {
    let pictures = (0..<problem.pictures).map { picture in
      LabelledPicture(
        identifier: picture,
        path: "\(picture)",
        labels: problem.labels.enumerated().filter { $1.picture == picture }.map { index, item in
          Label(
            identifier: index + 1,
            classIndex: item.label,
            rectangle: Self.rectangle(item.box),
            area: Self.area
          )
        }
      )
    }
    let predictions = (0..<problem.pictures).map { picture in
      problem.predictions.filter { $0.picture == picture }.map { item in
        Prediction(
          classIndex: item.label,
          score: item.score ?? 0,
          rectangle: Self.rectangle(item.box),
          area: Self.area
        )
      }
    }
    let dataset = Dataset(
      name: "lab",
      format: .synth,
      classNames: (0..<problem.classes).map { "class \($0)" },
      pictures: pictures
    )
    let figures = try COCOEvaluator().evaluate(dataset, predictions: predictions).figures
    func figure(_ name: String) -> Double { figures.first { $0.name == name }?.value ?? -1 }
    return Answer(half: figure("AP50"), mean: figure("AP"))
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    let errors = [abs(answer.half - expected.half), abs(answer.mean - expected.mean)]
    let limit = bands("error", or: 1e-4)
    var judgement = Judgement(figures: [
      .init(name: "AP50-error", value: errors[0], rule: .atMost, limit: limit),
      .init(name: "AP-error", value: errors[1], rule: .atMost, limit: limit),
    ])
    if !judgement.isRight {
      func words(_ value: Double) -> String { VerdictText.decimal(value, 4) }
      judgement.place =
        "AP50 \(words(answer.half)) ≠ \(words(expected.half)); AP \(words(answer.mean)) ≠ "
        + words(expected.mean)
    }
    return judgement
  }

  func title(_ problem: Problem) -> String {
    "\(problem.pictures) pictures, \(problem.classes) classes, \(problem.labels.count) labels, "
      + "\(problem.predictions.count) predictions"
  }

  func size(_ problem: Problem) -> Int { problem.labels.count + problem.predictions.count }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    func changed(_ id: String, _ change: @escaping @Sendable (inout Problem) -> Void)
      -> Hypothesis<Problem, Answer>
    {
      .make(id) { problem in
        var problem = problem
        change(&problem)
        return try AveragePrecisionTask().reference(problem)
      }
    }
    return [
      changed("not-ranked") { problem in
        let count = Double(problem.predictions.count)
        for index in problem.predictions.indices {
          problem.predictions[index].score = 1 - Double(index) / (count + 1)
        }
      },
      changed("ranked-upwards") { problem in
        for index in problem.predictions.indices {
          problem.predictions[index].score = -(problem.predictions[index].score ?? 0)
        }
      },
      changed("classes-ignored") { problem in
        problem.classes = 1
        for index in problem.labels.indices { problem.labels[index].label = 0 }
        for index in problem.predictions.indices { problem.predictions[index].label = 0 }
      },
      changed("pictures-mixed") { problem in
        problem.pictures = 1
        for index in problem.labels.indices { problem.labels[index].picture = 0 }
        for index in problem.predictions.indices { problem.predictions[index].picture = 0 }
      },
      changed("size-as-corner") { problem in
        func corners(_ box: [Double]) -> [Double] {
          [box[0], box[1], box[2] - box[0], box[3] - box[1]]
        }
        for index in problem.labels.indices {
          problem.labels[index].box = corners(problem.labels[index].box)
        }
        for index in problem.predictions.indices {
          problem.predictions[index].box = corners(problem.predictions[index].box)
        }
      },
      .make("one-overlap") { problem in
        let half = try AveragePrecisionTask().reference(problem).half
        return Answer(half: half, mean: half)
      },
      .make("empty-classes-counted") { problem in
        let labelled = Set(problem.labels.map(\.label)).count
        let share = Double(labelled) / Double(problem.classes)
        let answer = try AveragePrecisionTask().reference(problem)
        return Answer(half: answer.half * share, mean: answer.mean * share)
      },
    ]
  }
}
