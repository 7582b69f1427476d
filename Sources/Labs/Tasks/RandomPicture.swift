import Images
import Metrics

/// Pictures for cases: waves, blocks and noise, differently in each channel, so that a mistake in
/// geometry, colour or scale shows.
enum RandomPicture {
  /// [H, W, channels], row-major.
  static func pixels(
    width: Int,
    height: Int,
    channels: Int,
    random: inout SplitMix
  ) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: width * height * channels)
    struct Wave {
      let bias, slopeX, slopeY, strength: Double
    }
    let waves = (0..<channels).map { channel in
      Wave(
        bias: 50 + 70 * Double(channel % 3) * random.fraction(),
        slopeX: 0.1 + 0.9 * random.fraction(),
        slopeY: 0.1 + 0.9 * random.fraction(),
        strength: 20 + 40 * random.fraction()
      )
    }
    let blocks = (0..<6).map { _ in
      (
        x: random.index(below: max(1, width)), y: random.index(below: max(1, height)),
        size: 2 + random.index(below: 12), channel: random.index(below: channels),
        value: random.index(below: 256)
      )
    }
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<channels {
          let wave = waves[channel]
          // A triangle wave: no library function whose last bit differs between machines.
          let phase = wave.slopeX * Double(x) + wave.slopeY * Double(y) + Double(channel)
          let triangle = abs(phase.truncatingRemainder(dividingBy: 16) - 8) / 8
          let noise = Double(random.index(below: 25)) - 12
          let value = wave.bias + wave.strength * triangle * 2 + noise
          pixels[(y * width + x) * channels + channel] = UInt8(min(max(value, 0), 255))
        }
      }
    }
    for block in blocks {
      for y in block.y..<min(height, block.y + block.size) {
        for x in block.x..<min(width, block.x + block.size) {
          pixels[(y * width + x) * channels + block.channel] = UInt8(block.value)
        }
      }
    }
    return pixels
  }
}
