import Images

extension Image {
  /// The picture with each pixel as a square of `factor` pixels a side.
  func enlarged(_ factor: Int) -> Image {
    var result = Image(width: width * factor, height: height * factor)
    for y in 0..<result.height {
      for x in 0..<result.width {
        let source = ((y / factor) * width + x / factor) * 3
        let target = (y * result.width + x) * 3
        for channel in 0..<3 { result.pixels[target + channel] = pixels[source + channel] }
      }
    }
    return result
  }
}
