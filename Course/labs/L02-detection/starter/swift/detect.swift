// Lab 2: from a picture to what is in it, by one command; and what the network says on the way.
// Helpers: TensorIO.swift, Commands.swift

struct Task: Decodable {
  var size: Int
  var confidence: Double
  var strides: [Int]
  var anchorsPerCell: Int
  var classes: [String]
}

/// What `vitrine detect` says about pictures: the part of its JSON document that is needed here.
struct Report: Decodable {
  struct Picture: Decodable {
    var inputSize: [Int]
    var detections: [Found]
  }
  struct Found: Decodable {
    var classIndex: Int
    var confidence: Double
    var box: Box
  }
  struct Box: Decodable {
    var x1, y1, x2, y2: Double
  }
  var classNames: [String]
  var pictures: [Picture]
}

struct Answer: Encodable {
  struct Detection: Encodable {
    var name: String
    var confidence: Double
    var box: [Double]

    // `class` is a word of Swift's own: in the file only.
    enum CodingKeys: String, CodingKey {
      case name = "class"
      case confidence, box
    }
  }
  var detections: [Detection]
  var output: [Int]
}

/// What `vitrine detect` says about a picture.
func vitrine(_ picture: String, _ task: Task) throws -> Report {
  var command = ["vitrine", "detect", "model.pt", picture]
  //@fade 3 en: ask for the size and the least confidence of the task (see vitrine detect --help) | zh-Hans: 按任务要求加上尺寸和最低置信度（见 vitrine detect --help）
  command += ["--imgsz", "\(task.size)"]
  command += ["--conf", "\(task.confidence)"]
  //@end
  command.append("--json")
  return try run(command).checked().json(Report.self)
}

/// Rows and columns of what the network gives for an input of this size.
func outputShape(_ height: Int, _ width: Int, _ task: Task) -> [Int] {
  var rows = 0
  for stride in task.strides {
    //@fade 3 en: how many cells has this grid, and how many boxes does each suggest? | zh-Hans: 这一层网格有多少格？每格提出几个框？
    //@instead rows += 0 * stride
    rows += task.anchorsPerCell * (height / stride) * (width / stride)
    //@end
  }
  //@fade 3 en: four numbers for the box, one for "there is an object", one for each class | zh-Hans: 框四个数，“有目标”一个数，每个类别一个数
  //@instead let columns = 0
  let columns = 5 + task.classes.count
  //@end
  return [rows, columns]
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      let report = try vitrine("\(folder)/picture.png", task)
      let picture = report.pictures[0]
      let (height, width) = (picture.inputSize[0], picture.inputSize[1])
      let detections = picture.detections.map { found in
        //@fade 2 en: the name of the class, and the corners of the box | zh-Hans: 类别名和框的两个角
        //@instead let (name, corners) = (report.classNames[0], [0.0, 0.0, 0.0, 0.0])
        let name = report.classNames[found.classIndex]
        let corners = [found.box.x1, found.box.y1, found.box.x2, found.box.y2]
        //@end
        return Answer.Detection(name: name, confidence: found.confidence, box: corners)
      }
      let shape = outputShape(height, width, task)
      try writeJSON(output, "detections.json", Answer(detections: detections, output: shape))
    }
  }
}
