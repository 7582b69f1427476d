import Backends
import BackendsNative
import Detectors
import Diagnostics
import Files
import Formats
import Graphs
import Images
import Metrics
import Models
import Scenes
import Synchronization

/// Lab 2: a picture → what is in it, by the whole chain, and the shape of what the network gave on the way.
///
/// `model.pt` beside `in/`; `in/…/picture.png`, `task.json` with size and least confidence. `out/…/detections.json`: class
/// names, confidences, boxes in the picture's pixels, and the shape of the network's output.
struct DetectionTask: CaseTask {
  static let name = "detection"
  let groups = ["square", "wide", "tall"]
  /// The checkpoint that programs get.
  let model: String

  struct Problem: Sendable {
    let seed: UInt64
    let width: Int
    let height: Int
    /// The size to fit into, in pixels.
    let size: Int
    let confidence: Float
  }

  struct Found: Sendable, Codable {
    var name: String
    var confidence: Double
    /// x1, y1, x2, y2.
    var box: [Double]

    enum CodingKeys: String, CodingKey {
      case name = "class"
      case confidence
      case box
    }

    var corners: Box {
      Box(x1: Float(box[0]), y1: Float(box[1]), x2: Float(box[2]), y2: Float(box[3]))
    }
  }

  struct Answer: Sendable, Codable {
    var detections: [Found]
    /// Rows and columns of one picture's output.
    var output: [Int]
  }

  private struct Settings: Codable {
    var size: Int
    var confidence: Float
    var strides: [Int]
    var anchorsPerCell: Int
    var classes: [String]
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    let (short, long) = (160 + random.index(below: 100), 300 + random.index(below: 120))
    let side = 240 + random.index(below: 100)
    return Problem(
      seed: random.next(),
      width: group == "square" ? side : group == "wide" ? long : short,
      height: group == "square" ? side : group == "wide" ? short : long,
      size: [256, 320, 384][random.index(below: 3)],
      confidence: [0.4, 0.5, 0.6][random.index(below: 3)]
    )
  }

  func furnish(_ folder: String) throws {
    try AtomicFile.write(try MappedFile.contents(of: model), to: folder + "/model.pt")
  }

  func write(_ problem: Problem, to folder: String) throws {
    let settings = Settings(
      size: problem.size,
      confidence: problem.confidence,
      strides: [8, 16, 32],
      anchorsPerCell: 3,
      classes: ShapeClass.allCases.map(\.rawValue)
    )
    try AnswerFile.write(settings, folder, "task.json")
    try scene(problem).write(to: folder + "/picture.png")
  }

  private func scene(_ problem: Problem) throws -> Image {
    let options = SceneOptions(width: problem.width, height: problem.height)
    return try Scene(seed: problem.seed, index: 0, options: options).image
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "detections.json")
    guard answer.detections.count <= 1000, answer.output.count == 2 else {
      throw AnswerFile.malformed("detections.json", "holds no [rows, columns], or too many boxes")
    }
    let names = Set(ShapeClass.allCases.map(\.rawValue))
    for found in answer.detections {
      guard found.box.count == 4, found.box.allSatisfy(\.isFinite) else {
        throw AnswerFile.malformed("detections.json", "holds a box that is not four numbers")
      }
      guard names.contains(found.name) else {
        throw AnswerFile.malformed("detections.json", "names a class '\(found.name)'")
      }
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "detections.json")
  }

  func reference(_ problem: Problem) throws -> Answer {
    try reference(problem, size: problem.size, confidence: problem.confidence)
  }

  /// What the project's own detector says.
  func reference(_ problem: Problem, size: Int, confidence: Float) throws -> Answer {
    let plan = try SamplePlan.shared(model)
    var options = Detector.Options()
    options.imageSize = [size, size]
    options.suppression.confidenceThreshold = confidence
    options.suppression.maxDetections = 1000
    let detector = try Detector(plan: plan, options: options)
    let result = try detector.makeSession().detect(try scene(problem))
    let names = detector.contract.classNames
    let (h, w) = (result.inputSize[0], result.inputSize[1])
    return Answer(
      detections: result.detections.map { detection in
        let box = detection.box
        return Found(
          name: names[detection.classIndex],
          confidence: Double(detection.confidence),
          box: [box.x1, box.y1, box.x2, box.y2].map(Double.init)
        )
      },
      output: [
        detector.contract.levels.reduce(0) {
          $0 + $1.anchors.count * (h / $1.stride) * (w / $1.stride)
        }, 5 + names.count,
      ]
    )
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    var free = Array(expected.detections.indices)
    var (matched, worst) = (0, 0.0)
    var place: String?
    for found in answer.detections {
      let best = free.filter { expected.detections[$0].name == found.name }
        .max { left, right in
          found.corners.intersectionOverUnion(with: expected.detections[left].corners)
            < found.corners.intersectionOverUnion(with: expected.detections[right].corners)
        }
      if let best,
        found.corners.intersectionOverUnion(with: expected.detections[best].corners) >= 0.9
      {
        matched += 1
        worst = max(worst, abs(found.confidence - expected.detections[best].confidence))
        free.removeAll { $0 == best }
      } else {
        place = place ?? "\(found.name) \(found.box.map { VerdictText.decimal($0, 1) })"
      }
    }
    if place == nil, let missed = free.first {
      let truth = expected.detections[missed]
      place = "– ≠ \(truth.name) \(truth.box.map { VerdictText.decimal($0, 1) })"
    }
    if answer.output != expected.output {
      place = "output \(answer.output) ≠ \(expected.output)"
    }
    let count = answer.detections.count + expected.detections.count
    return Judgement(
      figures: [
        .init(
          name: "F1-at-IoU-0.9",
          value: count == 0 ? 1 : 2 * Double(matched) / Double(count),
          rule: .atLeast,
          limit: bands("f1", or: 0.98)
        ),
        .init(name: "confidence-error", value: worst, rule: .atMost, limit: 0.01),
        .init(
          name: "wrong-output-shape",
          value: answer.output == expected.output ? 0 : 1,
          rule: .atMost,
          limit: 0
        ),
      ],
      place: place
    )
  }

  func title(_ problem: Problem) -> String {
    "\(problem.width)×\(problem.height) → \(problem.size), conf \(problem.confidence)"
  }

  func size(_ problem: Problem) -> Int { problem.width * problem.height }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    let model = model
    let names = ShapeClass.allCases.map(\.rawValue)
    return [
      .make("size-ignored") { problem in
        try DetectionTask(model: model)
          .reference(problem, size: 640, confidence: problem.confidence)
      },
      .make("threshold-ignored") { problem in
        try DetectionTask(model: model).reference(problem, size: problem.size, confidence: 0.25)
      },
      .undo("size-for-corner") { answer, _ in
        var answer = answer
        for index in answer.detections.indices {
          let box = answer.detections[index].box
          answer.detections[index].box = [box[0], box[1], box[0] + box[2], box[1] + box[3]]
        }
        return answer
      },
      .undo("class-shifted") { answer, _ in
        var answer = answer
        for index in answer.detections.indices {
          guard let place = names.firstIndex(of: answer.detections[index].name) else { return nil }
          answer.detections[index].name = names[(place + names.count - 1) % names.count]
        }
        return answer
      },
      .undo("one-anchor") { answer, _ in
        Answer(
          detections: answer.detections,
          output: [
            answer.output[0].multipliedReportingOverflow(by: 3).partialValue, answer.output[1],
          ]
        )
      },
      .undo("objectness-not-counted") { answer, _ in
        Answer(detections: answer.detections, output: [answer.output[0], answer.output[1] &+ 1])
      },
    ]
  }
}

/// The sample's plan, built once for all cases of a process.
private enum SamplePlan {
  private static let plans = Mutex<[String: any Plan]>([:])

  static func shared(_ model: String) throws -> any Plan {
    if let known = plans.withLock({ $0[model] }) { return known }
    var options = ImportOptions()
    options.dynamic = .size
    let checkpoint = try CheckpointReader.read(path: model)
    let graph = try ModelImporter().graph(from: checkpoint, options: options).graph
    let plan = try Waiting.result {
      try await NativeBackend().build(graph, configuration: BuildConfiguration()).plan
    }
    plans.withLock { $0[model] = plan }
    return plan
  }
}
