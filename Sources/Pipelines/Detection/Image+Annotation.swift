import Detectors
import Images

extension Image {
  /// A copy with what was found in it.
  func annotated(with picture: DetectResult.Picture, classNames: [String]) -> Image {
    guard let best = picture.classes?.first else {
      return annotated(with: picture.detections, classNames: classNames)
    }
    var copy = self
    let name =
      classNames.indices.contains(best.classIndex)
      ? classNames[best.classIndex] : "class \(best.classIndex)"
    copy.drawBox(
      x1: 0,
      y1: 0,
      x2: Float(width),
      y2: Float(height),
      label: "\(name) \(Int((best.probability * 100).rounded()))%",
      color: .ofClass(best.classIndex)
    )
    return copy
  }

  /// A copy with boxes and labels, the weakest drawn first.
  func annotated(with detections: [Detection], classNames: [String]) -> Image {
    var copy = self
    for detection in detections.reversed() {
      if let mask = detection.mask { copy.paint(mask, with: .ofClass(detection.classIndex)) }
    }
    for detection in detections.reversed() {
      let index = detection.classIndex
      let name = classNames.indices.contains(index) ? classNames[index] : "class \(index)"
      // A damaged network may be infinitely sure.
      let percent = Int(max(0, min(detection.confidence * 100, 100)).rounded())
      copy.drawBox(
        x1: detection.box.x1,
        y1: detection.box.y1,
        x2: detection.box.x2,
        y2: detection.box.y2,
        label: "\(name) \(percent)%",
        color: .ofClass(index)
      )
    }
    return copy
  }

  /// Mixes a colour half and half into the pixels that a mask covers.
  private mutating func paint(_ mask: Mask, with color: Color) {
    guard mask.width == width, mask.height == height else { return }
    let channels = [color.red, color.green, color.blue]
    mask.forEachRun { column, rows in
      for row in rows {
        for channel in 0..<3 {
          let index = (row * width + column) * 3 + channel
          pixels[index] = UInt8((UInt16(pixels[index]) + UInt16(channels[channel])) / 2)
        }
      }
    }
  }

  /// A copy reduced by a whole factor, each pixel the mean of a block, so that neither side is
  /// longer than `limit` pixels.
  func shrunk(toFit limit: Int) -> Image {
    let factor = (max(width, height) + limit - 1) / limit
    guard factor > 1 else { return self }
    var small = Image(width: max(1, width / factor), height: max(1, height / factor))
    for y in 0..<small.height {
      for x in 0..<small.width {
        for channel in 0..<3 {
          small.pixels[(y * small.width + x) * 3 + channel] = mean(x, y, factor, channel)
        }
      }
    }
    return small
  }

  private func mean(_ x: Int, _ y: Int, _ factor: Int, _ channel: Int) -> UInt8 {
    var sum = 0
    var count = 0
    for row in y * factor..<min((y + 1) * factor, height) {
      for column in x * factor..<min((x + 1) * factor, width) {
        sum += Int(pixels[(row * width + column) * 3 + channel])
        count += 1
      }
    }
    return UInt8((sum + count / 2) / max(1, count))
  }
}
