import Diagnostics
import Files
import Images
import TestSupport
import Testing

@Suite("Writing and drawing")
struct ImageWritingTests {
  /// A picture of smooth colours.
  static func picture() throws -> Image {
    try Image(
      width: 48,
      height: 32,
      pixels: (0..<48 * 32).flatMap { pixel in
        let (x, y) = (pixel % 48, pixel / 48)
        return [UInt8(5 * x), UInt8(7 * y), UInt8(2 * x + 3 * y)]
      }
    )
  }

  @Test("a PNG holds the same pixels, a JPEG nearly")
  func roundTrip() throws {
    let image = try Self.picture()
    let png = TemporaryFile(suffix: ".png")
    try image.write(to: png.path)
    #expect(try ImageReader().read(png.path) == image)
    let jpeg = try ImageReader().decode(image.jpegBytes(.init(95, halvesColor: false)))
    try #require(jpeg.pixels.count == image.pixels.count)
    let differences = zip(jpeg.pixels, image.pixels).map { abs(Int($0) - Int($1)) }
    #expect((differences.max() ?? 255) <= 12)
    let small = try image.jpegBytes(.init(10))
    #expect(small.count < (try image.jpegBytes(.init(95)).count))
  }

  @Test("other endings and empty pictures are refused")
  func refusals() throws {
    let image = try Self.picture()
    #expect { try image.write(to: "/tmp/picture.gif") } throws: { id(of: $0) == .imageUnsupported }
    #expect { try Image(width: 0, height: 4).jpegBytes() } throws: {
      id(of: $0) == .imageUnwritable
    }
  }

  @Test("outlines and letters are where they should be, and cut at the edges")
  func drawing() {
    var image = Image(width: 8, height: 7)
    image.outline(x: 0, y: 0, width: 8, height: 7, thickness: 1, with: .white)
    image.draw("T", x: 1, y: 0, with: .white)
    image.fill(x: 6, y: 5, width: 100, height: 100, with: .white)
    let rows = (0..<7).map { y in
      String((0..<8).map { image.pixels[3 * (8 * y + $0)] > 0 ? "#" : "." })
    }
    #expect(
      rows == [
        "########", "#..#...#", "#..#...#", "#..#...#", "#..#...#", "#..#..##", "########",
      ]
    )
    let before = image
    image.fill(x: -50, y: -50, width: 20, height: 20, with: .white)
    image.drawBox(x1: .nan, y1: 900, x2: .infinity, y2: 900, label: "", color: .white)
    #expect(image.pixels.count == before.pixels.count)
  }
}
