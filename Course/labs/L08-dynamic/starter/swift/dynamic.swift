// Lab 8: a network traced with one picture of one size becomes one for any batch and size.
// Helpers: TensorIO.swift, ONNXFile.swift

struct Task: Decodable {
  var open: [String]
  var stride: Int
  /// Batch, height and width of each.
  var requests: [[Int]]
}

struct Profile: Encodable {
  var min: [Int]
  var opt: [Int]
  var max: [Int]
}

/// The shape that a Reshape should be given, from the one that was traced. In a Reshape, 0 means: as
/// before; -1 means: whatever remains, once at most.
func openReshape(_ traced: [Int], _ cells: Int) -> [Int] {
  var entries = traced
  //@fade 3 en: the batch stays what it is, whatever it is | zh-Hans: 批次是多少就保持多少
  //@instead entries[0] = traced[0]
  entries[0] = 0
  //@end
  //@fade 3 en: only entries with the grid's cells in them are multiples of their number | zh-Hans: 只有含格子数的那一项才是格子数的倍数
  for (index, entry) in entries.enumerated() where entry > 0 && entry % cells == 0 {
    entries[index] = -1
  }
  //@end
  return entries
}

/// Changes the model where it holds numbers that depend on batch, height or width.
func setFree(_ model: inout Model, _ task: Task) {
  let sizeIsOpen = task.open.contains("height")
  let (height, width) = (model.inputs[0].shape[2], model.inputs[0].shape[3])
  let cells = ((height.number ?? 0) / task.stride) * ((width.number ?? 0) / task.stride)
  for (index, node) in model.nodes.enumerated() {
    switch node.op {
    case "Reshape":
      let name = node.inputs[1]
      let traced = model.weights[name]?.integers ?? []
      model.weights[name] = Weight(openReshape(traced, cells))
    case "Resize":
      //@fade 2 en: factors instead of sizes: what is written over what is read, along each axis | zh-Hans: 用倍数代替尺寸：沿每个轴，写出的除以读入的
      //@instead model.nodes[index].inputs = node.inputs
      let sizes = model.weights.removeValue(forKey: node.inputs[3])?.integers ?? []
      let source = (model.shapes[node.inputs[0]] ?? []).map { $0.number ?? 1 }
      let scales = node.name + ".scales"
      model.weights[scales] = Weight(zip(sizes, source).map { new, old in Float(new) / Float(old) })
      model.nodes[index].inputs = [node.inputs[0], "", scales]
      //@end
    case "Slice":
      //@fade 2 en: to the end, wherever that is: a number that no extent reaches | zh-Hans: 一直到末尾，不管末尾在哪：用一个任何长度都到不了的数
      //@instead break
      let name = node.inputs[2]
      let ends = model.weights[name]?.integers ?? []
      model.weights[name] = Weight(ends.map { _ in Int.max })
      //@end
    default:
      break
    }
  }
  model.inputs[0].shape = sizeIsOpen ? ["batch", 3, "height", "width"] : ["batch", 3, height, width]
  //@fade 3 en: what the file says of the output must be open as well | zh-Hans: 文件里对输出的说明也要放开
  model.outputs[0].shape[0] = "batch"
  if sizeIsOpen { model.outputs[0].shape[1] = "rows" }
  //@end
}

/// Pixels of all pictures of a request.
func work(_ shape: [Int]) -> Int { shape[0] * shape[1] * shape[2] }

/// The range that covers the requests, tuned for the shape that most of the work has.
func profile(_ requests: [[Int]]) -> Profile {
  let counts = requests.reduce(into: [[Int]: Int]()) { $0[$1, default: 0] += 1 }
  //@fade 3 en: most of the work, not most often | zh-Hans: 工作量最大的，而不是次数最多的
  //@instead let best = counts.isEmpty ? [] : requests[0]
  func allWork(_ shape: [Int]) -> Int { (counts[shape] ?? 0) * work(shape) }
  let best = requests.max { allWork($0) < allWork($1) } ?? []
  //@end
  let axes = (0..<3).map { axis in requests.map { $0[axis] } }
  return Profile(min: axes.map { $0.min() ?? 1 }, opt: best, max: axes.map { $0.max() ?? 1 })
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      var model = try readONNX(folder, "model.onnx")
      setFree(&model, task)
      try writeONNX(output, "model.onnx", model)
      try writeJSON(output, "profile.json", profile(task.requests))
    }
  }
}
