// Lab 18: tensors with lifetimes share one block of memory.
// Helpers: TensorIO.swift

struct Task: Decodable {
  var alignment: Int
  var tensors: [Tensor]
}

struct Tensor: Decodable {
  var bytes: Int
  /// The step that writes it, and the last one that reads it.
  var first: Int
  var last: Int
}

struct Plan: Encodable {
  var offsets: [Int]
}

/// Whether there is a step at which both must be in memory.
func areAliveTogether(_ a: Tensor, _ b: Tensor) -> Bool {
  //@fade 3 en: `first` writes it, `last` still reads it: both count | zh-Hans: first 这一步写它，last 这一步还在读它：两头都算
  //@instead return true
  return a.first <= b.last && b.first <= a.last
  //@end
}

/// The next multiple of the alignment.
func aligned(_ value: Int, _ alignment: Int) -> Int {
  //@fade 2 en: round up to a multiple | zh-Hans: 向上取整到倍数
  //@instead return value
  return (value + alignment - 1) / alignment * alignment
  //@end
}

/// The offset of each tensor.
func plan(_ tensors: [Tensor], _ alignment: Int) -> [Int] {
  var offsets = [Int](repeating: 0, count: tensors.count)
  var placed: [Int] = []
  //@fade 3 en: in which order are they placed best? | zh-Hans: 按什么顺序放最好？
  //@instead let order = Array(tensors.indices)
  let order = tensors.indices.sorted { tensors[$0].bytes > tensors[$1].bytes }
  //@end
  for index in order {
    let tensor = tensors[index]
    // Those that are placed already and alive at the same time, from the lowest.
    let rivals = placed.filter { areAliveTogether(tensor, tensors[$0]) }
      .sorted { offsets[$0] < offsets[$1] }
    var offset = 0
    for other in rivals {
      //@fade 3 en: stop at a gap that is large enough; otherwise go on behind `other` | zh-Hans: 空隙够大就停在这里；否则移到 other 的后面
      //@instead offset += aligned(tensors[other].bytes, alignment)
      if offset + tensor.bytes <= offsets[other] { break }
      offset = max(offset, aligned(offsets[other] + tensors[other].bytes, alignment))
      //@end
    }
    offsets[index] = offset
    placed.append(index)
  }
  return offsets
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "tensors.json")
      try writeJSON(output, "plan.json", Plan(offsets: plan(task.tensors, task.alignment)))
    }
  }
}
