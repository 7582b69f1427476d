import Graphs
import Images

/// Memory for scaling pictures, used again for each; it serves one caller at a time.
public final class LetterboxWorkspace {
  var linear = LinearResampler()
  var area = AreaResampler()
  var normalizer = PixelNormalizer()
  /// One scaled row, planar [3, width].
  var row: [Int16] = []
  /// Levels of one row of ``intermediate``, planar [3, width].
  private var levels: [Int16] = []
  /// The picture between two steps.
  var intermediate = Image(width: 0, height: 0)

  /// Creates an empty workspace.
  public init() {}

  /// Whether a network wants level / 255 and nothing else.
  func isPlain(_ preprocessing: ModelContract.Preprocessing) -> Bool {
    normalizer.prepare(preprocessing)
    return normalizer.isPlain
  }

  /// Gives each row of the scaled picture, from the top.
  func scale(
    _ image: Image,
    _ step: Letterbox.Steps.Step?,
    _ body: (_ row: Int, _ values: ScaledRow) -> Void
  ) {
    let width = step?.width ?? image.width
    let height = step?.height ?? image.height
    if row.count < 3 * width { row += repeatElement(0, count: 3 * width - row.count) }
    // To exactly half, both ways give the same: the rounded mean of four pixels.
    let isHalf = image.width == 2 * width && image.height == 2 * height
    let usesArea = step?.method == .area && !isHalf
    if step != nil, usesArea { area.prepare(from: image, width: width, height: height) }
    if step != nil, !usesArea { linear.prepare(from: image, width: width, height: height) }
    image.pixels.withUnsafeBufferPointer { pixels in
      row.withUnsafeMutableBufferPointer { values in
        guard let source = pixels.baseAddress, let values = values.baseAddress else { return }
        for row in 0..<height {
          if step == nil {
            Self.separate(source + 3 * width * row, width, to: values)
            body(row, .levels(values))
          } else if usesArea {
            area.write(row: row, of: source, to: values)
            body(row, .levels(values))
          } else {
            linear.withRow(row, of: source) { body(row, $0) }
          }
        }
      }
    }
  }

  /// Scales into ``intermediate``.
  func scaleBetween(_ image: Image, _ step: Letterbox.Steps.Step) {
    var target = Image(width: 0, height: 0)
    swap(&target, &intermediate)
    target.reshape(width: step.width, height: step.height)
    var scratch: [Int16] = []
    swap(&scratch, &levels)
    let missing = 3 * step.width - scratch.count
    if missing > 0 { scratch += repeatElement(0, count: missing) }
    target.pixels.withUnsafeMutableBufferPointer { pixels in
      scratch.withUnsafeMutableBufferPointer { scratch in
        guard let scratch = scratch.baseAddress else { return }
        scale(image, step) { row, values in
          let levels = values.levels(from: 0, 3 * step.width, using: scratch)
          for column in 0..<step.width {
            for channel in 0..<3 {
              let level = levels[channel * step.width + column]
              pixels[3 * (row * step.width + column) + channel] = UInt8(truncatingIfNeeded: level)
            }
          }
        }
      }
    }
    swap(&target, &intermediate)
    swap(&scratch, &levels)
  }

  private static func separate(
    _ pixels: UnsafePointer<UInt8>,
    _ width: Int,
    to planes: UnsafeMutablePointer<Int16>
  ) {
    for column in 0..<width {
      planes[column] = Int16(pixels[3 * column])
      planes[width + column] = Int16(pixels[3 * column + 1])
      planes[2 * width + column] = Int16(pixels[3 * column + 2])
    }
  }
}
