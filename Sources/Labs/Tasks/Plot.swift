import Glibc
import Images

/// A small drawing of bars and lines, for the pictures that show a failure.
struct Plot {
  typealias Color = (red: UInt8, green: UInt8, blue: UInt8)
  static let truth: Color = (0, 150, 60)
  static let answer: Color = (210, 40, 40)
  static let bar: Color = (80, 105, 160)

  let width: Int
  let height: Int
  private var pixels: [UInt8]

  /// A light area.
  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    pixels = [UInt8](repeating: 250, count: 3 * width * height)
  }

  /// Colours a pixel; one outside is none.
  mutating func paint(_ x: Int, _ y: Int, _ color: Color) {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return }
    let start = 3 * (y * width + x)
    (pixels[start], pixels[start + 1], pixels[start + 2]) = color
  }

  /// An upright line between two rows.
  mutating func line(_ x: Int, _ rows: Range<Int>, _ color: Color) {
    for y in rows { paint(x, y, color) }
  }

  /// How often numbers fall into each column, on a logarithmic scale, in the rows above `bottom`.
  mutating func histogram(_ numbers: [Double], low: Double, high: Double, bottom: Int, top: Int) {
    var counts = [Int](repeating: 0, count: width)
    for number in numbers {
      if let column = column(number, low, high) { counts[column] += 1 }
    }
    let most = log(Double((counts.max() ?? 1) + 1))
    for (x, count) in counts.enumerated() where count > 0 {
      let bar = Int(log(Double(count + 1)) / most * Double(bottom - top - 4))
      line(x, bottom - 1 - bar..<bottom, Self.bar)
    }
  }

  /// The column of a number; nil outside.
  func column(_ number: Double, _ low: Double, _ high: Double) -> Int? {
    let place = (number - low) / (high - low) * Double(width - 1)
    return place.isFinite && place >= 0 && place < Double(width) ? Int(place) : nil
  }

  var image: Image? { try? Image(width: width, height: height, pixels: pixels) }
}
