// Lab 23, second part: what a device can do at most, and which of its limits binds which layer.
// Helpers: TensorIO.swift

struct Task: Decodable {
  var device: Device
  var bytesPerNumber: Int
  var layers: [Layer]
  var whatIf: Bool
}

struct Device: Decodable {
  var gflops: Double
  var gigabytesPerSecond: Double
  var overheadMicroseconds: Double
}

struct Layer: Decodable {
  var name: String
  var height: Int
  var width: Int
  var inputs: Int
  var outputs: Int
  var kernel: Int
  var groups: Int
}

/// What is asked for; the rest stays out of the file.
struct Answer: Encodable {
  struct Row: Encodable {
    /// Operations for each byte.
    var intensity: Double
    var bound: String
    var microseconds: Double
  }
  var layers: [String: Row] = [:]
  var ifTwiceAsGood: [String: Double]?
}

let limits = ["compute", "memory", "overhead"]

/// Operations and bytes of a convolution with stride 1 whose result is as large as its input.
func work(_ layer: Layer, _ bytesPerNumber: Int) -> (operations: Double, bytes: Double) {
  let places = layer.height * layer.width
  //@fade 3 en: one output channel sees the inputs of its own group; a multiply-add is two operations | zh-Hans: 一个输出通道只看自己那一组的输入；一次乘加是两次运算
  //@instead let operations = places
  let weights = layer.outputs * (layer.inputs / layer.groups) * layer.kernel * layer.kernel
  let operations = 2 * weights * places
  //@end
  //@fade 3 en: input, result and weights are moved once each | zh-Hans: 输入、结果和权重各搬运一次
  //@instead let numbers = places
  let numbers = places * (layer.inputs + layer.outputs) + weights
  //@end
  return (Double(operations), Double(numbers * bytesPerNumber))
}

/// Microseconds of computing, of moving, and the fixed cost.
func costs(_ layer: Layer, _ device: Device, _ bytesPerNumber: Int) -> [Double] {
  let (operations, bytes) = work(layer, bytesPerNumber)
  //@fade 2 en: 10^9 in a second are 10^3 in a microsecond | zh-Hans: 每秒 10^9 就是每微秒 10^3
  //@instead let (computing, moving) = (0 * operations, 0 * bytes)
  let computing = operations / (device.gflops * 1e3)
  let moving = bytes / (device.gigabytesPerSecond * 1e3)
  //@end
  return [computing, moving, device.overheadMicroseconds]
}

/// How long a layer takes at least.
func microseconds(_ layer: Layer, _ device: Device, _ bytesPerNumber: Int) -> Double {
  let parts = costs(layer, device, bytesPerNumber)
  let (computing, moving, overhead) = (parts[0], parts[1], parts[2])
  //@fade 3 en: computing and moving go on at the same time, the fixed cost comes on top | zh-Hans: 计算和搬运同时进行，固定开销另外加上
  //@instead return 1 + 0 * (computing + moving + overhead)
  return overhead + max(computing, moving)
  //@end
}

/// How long all layers take, one after the other.
func total(_ layers: [Layer], _ device: Device, _ bytesPerNumber: Int) -> Double {
  layers.reduce(0) { $0 + microseconds($1, device, bytesPerNumber) }
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      let (device, size, layers) = (task.device, task.bytesPerNumber, task.layers)
      var answer = Answer()
      for layer in layers {
        let (operations, moved) = work(layer, size)
        let parts = costs(layer, device, size)
        let largest = parts.indices.max { parts[$0] < parts[$1] } ?? 0
        answer.layers[layer.name] = Answer.Row(
          intensity: operations / moved,
          bound: limits[largest],
          microseconds: microseconds(layer, device, size)
        )
      }
      if task.whatIf {
        //@fade 3 en: the same layers on a device of which one limit is twice as good: two of them double, the overhead halves | zh-Hans: 同样的层，放到某一项限制好一倍的设备上：前两项加倍，开销减半
        //@instead answer.ifTwiceAsGood = Dictionary(uniqueKeysWithValues: limits.map { ($0, 1) })
        var better = limits.map { _ in device }
        better[0].gflops *= 2
        better[1].gigabytesPerSecond *= 2
        better[2].overheadMicroseconds /= 2
        let before = total(layers, device, size)
        let gains = better.map { before / total(layers, $0, size) }
        answer.ifTwiceAsGood = Dictionary(uniqueKeysWithValues: zip(limits, gains))
        //@end
      }
      try writeJSON(output, "roofline.json", answer)
    }
  }
}
