// Lab 3: a picture of any size becomes the network's input.
// Helpers: TensorIO.swift

struct Task: Decodable {
  var width: Int
  var height: Int
}

struct Transform: Encodable {
  var scale: Double
  var left: Int
  var top: Int
}

/// The grey of the border. The network was trained with exactly this one.
let pad: Float = 114

/// Where the picture comes to lie.
func geometry(_ width: Int, _ height: Int, _ task: Task)
  -> (scale: Double, width: Int, height: Int, left: Int, top: Int)
{
  let (w, h) = (Double(width), Double(height))
  let (toWidth, toHeight) = (Double(task.width), Double(task.height))
  //@fade 3 en: the largest scale at which the whole picture still fits | zh-Hans: 求使整张图仍能放得下的最大缩放比例
  //@instead let scale = 0.1
  let scale = min(toWidth / w, toHeight / h)
  //@end
  //@fade 2 en: the size of the scaled picture, rounded, at least 1 | zh-Hans: 缩放后图像的尺寸，取整，至少为 1
  //@instead let (newWidth, newHeight) = (toWidth, toHeight)
  let newWidth = max(1, (w * scale).rounded(.toNearestOrEven))
  let newHeight = max(1, (h * scale).rounded(.toNearestOrEven))
  //@end
  //@fade 3 en: half of the room that is left goes to the left and to the top | zh-Hans: 剩余空间的一半放在左边和上边
  //@instead let (left, top) = (0.0, 0.0)
  let left = max(0, ((toWidth - newWidth) / 2 - 0.1).rounded(.toNearestOrEven))
  let top = max(0, ((toHeight - newHeight) / 2 - 0.1).rounded(.toNearestOrEven))
  //@end
  return (scale, Int(newWidth), Int(newHeight), Int(left), Int(top))
}

/// For each of `count` new pixels in a row: the two old ones between whose middles its own middle
/// lies, and how far it is on the way from the first to the second (0 to 1).
func neighbours(_ count: Int, _ size: Int) -> [(first: Int, second: Int, share: Float)] {
  (0..<count).map { index in
    //@fade 2 en: where the middle of new pixel `index` lies among the old ones | zh-Hans: 新像素 index 的中心落在旧像素坐标的什么位置
    //@instead let position = Double(index) * Double(size) / Double(count)
    let position = (Double(index) + 0.5) * Double(size) / Double(count) - 0.5
    //@end
    let first = position.rounded(.down)
    func clamp(_ value: Int) -> Int { min(max(value, 0), size - 1) }
    return (clamp(Int(first)), clamp(Int(first) + 1), Float(position - first))
  }
}

/// The input [3, H, W], and how to come back from it.
func letterbox(_ image: Numbers, _ task: Task) -> (Numbers, Transform) {
  let (height, width) = (image.shape[0], image.shape[1])
  let channels = image.shape.count == 3 ? image.shape[2] : 1
  let place = geometry(width, height, task)
  let columns = neighbours(place.width, width)
  let rows = neighbours(place.height, height)
  var values = [Float](repeating: pad / 255, count: 3 * task.width * task.height)
  for channel in 0..<3 {
    // Grey pictures have one channel, which stands for all three.
    let source = channels >= 3 ? channel : 0
    for (y, row) in rows.enumerated() {
      let start = (channel * task.height + place.top + y) * task.width + place.left
      for (x, column) in columns.enumerated() {
        func pixel(_ x: Int, _ y: Int) -> Float {
          image.values[(y * width + x) * channels + source]
        }
        let (a, b) = (pixel(column.first, row.first), pixel(column.second, row.first))
        let (c, d) = (pixel(column.first, row.second), pixel(column.second, row.second))
        //@fade 3 en: mix the four pixels by the two shares, then bring 0...255 to 0...1 | zh-Hans: 按两个方向的比例混合四个像素，再把 0...255 变成 0...1
        //@instead values[start + x] = a + 0 * (b + c + d)
        let above = a * (1 - column.share) + b * column.share
        let below = c * (1 - column.share) + d * column.share
        values[start + x] = (above * (1 - row.share) + below * row.share) / 255
        //@end
      }
    }
  }
  let transform = Transform(scale: place.scale, left: place.left, top: place.top)
  return (Numbers(shape: [3, task.height, task.width], values: values), transform)
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      let (input, transform) = letterbox(try readNPY(folder, "image.npy"), task)
      try writeNPY(output, "input.npy", input)
      try writeJSON(output, "transform.json", transform)
    }
  }
}
