import Diagnostics
import Images
import TestSupport
import Testing

@Suite("Hostile pictures")
struct HostileImageTests {
  static let names = [
    "jpeg_420.jpg", "jpeg_progressive.jpg", "jpeg_turned6.jpg", "png_rgb8.png",
    "png_palette4.png", "png_turned6.png", "webp_lossy.webp", "webp_turned8.webp", "bmp_24.bmp",
    "bmp_8.bmp",
  ]

  @Test("every prefix is refused", arguments: names)
  func prefixes(_ name: String) throws {
    let bytes = try Fixture.bytes(name)
    let reader = ImageReader()
    var accepted: [Int] = []
    for count in 0..<bytes.count {
      do {
        _ = try reader.decode(Array(bytes[..<count]))
        accepted.append(count)
      } catch is DeployError {}
    }
    // A PNG whose last chunk is cut, or a bitmap without its padding, still holds every pixel.
    let isComplete: (Int) -> Bool = { bytes.count - $0 <= (name.hasSuffix("png") ? 16 : 2) }
    #expect(accepted.allSatisfy(isComplete), "prefixes of \(name) were accepted: \(accepted)")
  }

  @Test("2,000 mutations never crash", arguments: names)
  func mutations(_ name: String) throws {
    let original = try Fixture.bytes(name)
    var generator = SeededGenerator(seed: 7)
    let reader = ImageReader()
    var refusedCount = 0
    for _ in 0..<2_000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: bytes.indices, using: &generator)
        bytes[index] = UInt8.random(in: 0...255, using: &generator)
      }
      do { _ = try reader.decode(bytes) } catch is DeployError { refusedCount += 1 }
    }
    #expect(refusedCount > 0)
  }
}
