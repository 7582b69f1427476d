// Lab 24: one network in three precisions: what each weighs, finds and takes, and what follows.
// Helpers: TensorIO.swift, Commands.swift

import Foundation

struct Task: Decodable {
  var data: String
  var threads: Int
  var bySize: Bool
}

/// What `vitrine compare precision` says: the part of its JSON document that is needed here.
struct Document: Decodable {
  struct Comparison: Decodable {
    var rows: [Row]
  }
  struct Row: Decodable {
    var precision: String
    var averagePrecision: Double
    var verdict: Verdict?
  }
  /// Its time against that of fp32; fp32 itself has none.
  struct Verdict: Decodable {
    var ratio: Double
    var upper: Double
  }
  /// One accuracy measurement.
  struct Accuracy: Decodable {
    var boxes: Boxes
  }
  struct Boxes: Decodable {
    var coco: [Figure]
  }
  struct Figure: Decodable {
    var name: String
    var value: Double
  }
  var precision: Comparison
  /// In the order of the rows.
  var accuracy: [Accuracy]
}

struct Table: Encodable {
  struct Model: Encodable {
    var precision: String
    var bytes: Int
    var ap: Double
    var times: Double
    /// Where it is asked for; else it stays out of the file.
    var apBySize: [String: Double]?
  }
  struct Conclusion: Encodable {
    var model: String
    var atLeast: Double
  }
  var models: [String: Model]
  var conclusion: Conclusion
}

/// What a file computes in: fp32, fp16 or int8.
func precision(_ data: Data) -> String {
  //@fade 3 en: look for what only one precision has: the names of operators and of inputs are in the file as text (vitrine inspect shows them) | zh-Hans: 找只有某一种精度才有的东西：算子名就以文字写在文件里（vitrine inspect 可以看）
  //@instead return data.isEmpty ? "" : "fp32"
  if data.range(of: Data("QuantizeLinear".utf8)) != nil { return "int8" }
  return data.count > 5_000_000 ? "fp32" : "fp16"
  //@end
}

/// What `vitrine compare precision` says: accuracy and speed of all three, measured in turns.
func measure(_ files: [String: String], _ task: Task) throws -> Document {
  guard let whole = files["fp32"], let quantized = files["int8"] else {
    throw FileProblem(text: "of the three files, none was taken for fp32, or none for int8")
  }
  let command = [
    "vitrine", "compare", "precision", whole, "--precisions", "fp32", "fp16", "int8",
    "--int8", quantized, "--data", task.data, "--threads", "\(task.threads)",
    "--duration", "0.8", "--no-history", "--json", "--quiet",
  ]
  return try run(command).checked().json(Document.self)
}

/// AP of small, medium and large boxes, by the record of one accuracy measurement.
func bySize(_ record: Document.Accuracy) -> [String: Double] {
  let figures = Dictionary(uniqueKeysWithValues: record.boxes.coco.map { ($0.name, $0.value) })
  //@fade 3 en: APsmall, APmedium, APlarge; where there are no labels of a size, there is no AP, and -1 is none | zh-Hans: APsmall、APmedium、APlarge；某种大小没有标注时就没有 AP，-1 不是 AP
  //@instead return figures.filter { _ in false }
  var found: [String: Double] = [:]
  for size in ["small", "medium", "large"] { found[size] = figures["AP\(size)"] }
  return found.filter { $0.value >= 0 }
  //@end
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      var byteCounts: [String: Int] = [:]
      var precisions: [String: String] = [:]
      var files: [String: String] = [:]
      for letter in ["a", "b", "c"] {
        let path = "\(folder)/\(letter).onnx"
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        byteCounts[letter] = data.count
        precisions[letter] = precision(data)
        files[precision(data)] = path
      }
      let report = try measure(files, task)
      let names = report.precision.rows.map(\.precision)
      let rows = Dictionary(uniqueKeysWithValues: zip(names, report.precision.rows))
      // Accuracy was measured in the order of the rows.
      let sizes = Dictionary(uniqueKeysWithValues: zip(names, report.accuracy.map(bySize)))
      var models: [String: Table.Model] = [:]
      var surely: [String: Double] = [:]
      for (letter, precision) in precisions.sorted(by: { $0.key < $1.key }) {
        guard let row = rows[precision], let size = byteCounts[letter] else { continue }
        let verdict = row.verdict ?? Document.Verdict(ratio: 1, upper: 1)
        var model = Table.Model(precision: precision, bytes: 0, ap: 0, times: 1)
        //@fade 2 en: bytes of the file, AP over all overlaps, how many times as fast | zh-Hans: 文件字节数、对各重叠度平均的 AP、快到几倍
        //@instead model.bytes = 0 * size
        model.bytes = size
        model.ap = row.averagePrecision
        model.times = 1 / verdict.ratio
        //@end
        if task.bySize { model.apBySize = sizes[precision] }
        models[letter] = model
        //@fade 3 en: how many times as fast it is at least, by the end of the 95 % interval | zh-Hans: 按 95 % 区间的端点，至少快到几倍
        //@instead surely[letter] = 1000 * verdict.upper
        surely[letter] = 1 / verdict.upper
        //@end
      }
      guard let best = surely.max(by: { $0.value < $1.value }) else { continue }
      let conclusion = Table.Conclusion(model: best.key, atLeast: 0.9 * best.value)
      try writeJSON(output, "table.json", Table(models: models, conclusion: conclusion))
    }
  }
}
