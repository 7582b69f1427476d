import Glibc
import Graphs
import Tensors

/// Turns mask coefficients and prototypes into masks of the source picture.
///
/// The mask of an object is σ(Σ coefficient · prototype) on the prototypes' grid, scaled to the
/// source picture bilinearly, cut at the object's box, and inside where it is above 1/2.
/// Source: YOLOv5 v7.0 `segment.general.process_mask_native`.
struct MaskDecoder {
  private let decoder: HeadDecoder
  private var coefficients: [Float] = []
  /// σ on the prototypes' grid, the part under the picture: [rows, columns].
  private var grid: [Float] = []

  init(_ decoder: HeadDecoder) { self.decoder = decoder }

  /// The mask of one candidate, or nil where the outputs hold no prototypes.
  /// - Parameter box: the candidate's box in source pixels.
  mutating func mask(
    of candidate: Candidate,
    _ box: Box,
    in outputs: [TensorBuffer],
    _ frame: HeadDecoder.Frame,
    _ geometry: Letterbox.Geometry
  ) throws -> Mask? {
    guard candidate.anchor >= 0, let prototypes = prototypes(in: outputs, frame) else { return nil }
    try decoder.readCoefficients(of: candidate, in: outputs, frame, into: &coefficients)
    let (width, height) = (geometry.sourceWidth, geometry.sourceHeight)
    let part = GridPart(columns: prototypes.shape[3], rows: prototypes.shape[2], width, height)
    guard part.columns.count > 0, part.rows.count > 0 else { return nil }
    try combine(prototypes, part, image: frame.image)
    let columns = Self.pixels(box.x1, box.x2, width)
    let rows = Self.pixels(box.y1, box.y2, height)
    let (across, down) = (part.columns.count, part.rows.count)
    let horizontal = columns.map { Sample($0, of: width, on: across) }
    let vertical = rows.map { Sample($0, of: height, on: down) }
    return grid.withUnsafeBufferPointer { grid in
      Mask(width: width, height: height, columns: columns, rows: rows) { column, row in
        let x = horizontal[column - columns.lowerBound]
        let y = vertical[row - rows.lowerBound]
        let upper =
          grid[y.low * across + x.low] * (1 - x.weight)
          + grid[y.low * across + x.high] * x.weight
        let lower =
          grid[y.high * across + x.low] * (1 - x.weight)
          + grid[y.high * across + x.high] * x.weight
        return upper * (1 - y.weight) + lower * y.weight > 0.5
      }
    }
  }

  /// [N, masks, h, w].
  private func prototypes(
    in outputs: [TensorBuffer],
    _ frame: HeadDecoder.Frame
  ) -> TensorBuffer? {
    outputs.first {
      $0.shape.rank == 4 && $0.shape[1] == decoder.maskCount && frame.image < $0.shape[0]
        && ($0.scalarType == .float32 || $0.scalarType == .float16)
    }
  }

  /// The indices i with low ≤ i < high, inside the picture.
  private static func pixels(_ low: Float, _ high: Float, _ extent: Int) -> Range<Int> {
    let limit = Float(extent)
    let first = Int(max(0, min(low.rounded(.up), limit)))
    return first..<max(first, Int(max(0, min(high.rounded(.up), limit))))
  }

  private mutating func combine(
    _ prototypes: TensorBuffer,
    _ part: GridPart,
    image: Int
  ) throws {
    let count = part.rows.count * part.columns.count
    grid.removeAll(keepingCapacity: true)
    grid.append(contentsOf: repeatElement(0, count: count))
    if prototypes.scalarType == .float16 {
      try prototypes.withScalars(of: Float16.self) { add($0, prototypes.shape, part, image) }
    } else {
      try prototypes.withScalars(of: Float.self) { add($0, prototypes.shape, part, image) }
    }
    for index in grid.indices { grid[index] = 1 / (1 + exp(-grid[index])) }
  }

  private mutating func add<Scalar: BinaryFloatingPoint>(
    _ values: UnsafeMutableBufferPointer<Scalar>,
    _ shape: Shape,
    _ part: GridPart,
    _ image: Int
  ) {
    let (height, width, across) = (shape[2], shape[3], part.columns.count)
    for (index, coefficient) in coefficients.enumerated() {
      let plane = (image * coefficients.count + index) * height * width
      for (line, row) in part.rows.enumerated() {
        let source = plane + row * width + part.columns.lowerBound
        for column in 0..<across {
          grid[line * across + column] += coefficient * Float(values[source + column])
        }
      }
    }
  }
}

/// The part of the prototypes' grid that lies under the picture, not under the borders.
private struct GridPart {
  let columns: Range<Int>
  let rows: Range<Int>

  init(columns: Int, rows: Int, _ sourceWidth: Int, _ sourceHeight: Int) {
    let (width, height) = (Double(sourceWidth), Double(sourceHeight))
    let gain = min(Double(rows) / height, Double(columns) / width)
    let padX = (Double(columns) - width * gain) / 2
    let padY = (Double(rows) - height * gain) / 2
    self.columns = Int(padX)..<max(Int(padX), Int(Double(columns) - padX))
    self.rows = Int(padY)..<max(Int(padY), Int(Double(rows) - padY))
  }
}

/// Where a target pixel lies between two source cells.
/// Source: PyTorch `interpolate`, bilinear, align_corners false.
private struct Sample {
  let low: Int
  let high: Int
  let weight: Float

  init(_ index: Int, of targetCount: Int, on sourceCount: Int) {
    let scale = Float(sourceCount) / Float(targetCount)
    let position = max(0, (Float(index) + 0.5) * scale - 0.5)
    low = min(Int(position), sourceCount - 1)
    high = min(low + 1, sourceCount - 1)
    weight = position - Float(low)
  }
}
