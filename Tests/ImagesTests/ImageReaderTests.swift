import Diagnostics
import Files
import Images
import TestSupport
import Testing

/// The pictures of `Fixtures`, with the pixels that OpenCV reads from them.
enum Fixture {
  static let folder = SharedData.checkout + "/Tests/ImagesTests/Fixtures/"
  static let names = [
    "jpeg_420.jpg", "jpeg_422.jpg", "jpeg_444.jpg", "jpeg_noise.jpg", "jpeg_progressive.jpg",
    "jpeg_grey.jpg", "jpeg_cmyk.jpg", "jpeg_turned2.jpg", "jpeg_turned3.jpg", "jpeg_turned4.jpg",
    "jpeg_turned5.jpg", "jpeg_turned6.jpg", "jpeg_turned7.jpg", "jpeg_turned8.jpg",
    "png_rgb8.png", "png_rgba8.png", "png_grey8.png", "png_greyalpha8.png", "png_grey1.png",
    "png_palette1.png", "png_palette2.png", "png_palette4.png", "png_palette8.png",
    "png_palette_trns.png", "png_rgb16.png", "png_grey16.png", "png_rgba16.png",
    "png_turned6.png", "webp_lossy.webp", "webp_lossless.webp", "webp_alpha.webp",
    "webp_turned8.webp", "bmp_24.bmp", "bmp_8.bmp", "bmp_1.bmp", "bmp_32.bmp", "bmp_topdown.bmp",
  ]

  static func bytes(_ name: String) throws -> [UInt8] {
    let file = try MappedFile(path: folder + name)
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  static func expected(_ name: String) throws -> Image {
    let bytes = try bytes(name + ".rgb")
    let sizes = [0, 4].map { Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8 }
    return try Image(width: sizes[0], height: sizes[1], pixels: Array(bytes.dropFirst(8)))
  }
}

@Suite("Reading pictures")
struct ImageReaderTests {
  @Test("equals OpenCV", arguments: Fixture.names)
  func equalsOpenCV(_ name: String) throws {
    let image = try ImageReader().read(Fixture.folder + name)
    let expected = try Fixture.expected(name)
    #expect(image.width == expected.width)
    #expect(image.height == expected.height)
    try #require(image.pixels.count == expected.pixels.count)
    let differences = zip(image.pixels, expected.pixels).map { abs(Int($0) - Int($1)) }
    #expect(differences.max() == 0, "\(differences.count { $0 != 0 }) samples differ")
  }

  @Test("uses the same memory for the next picture")
  func memoryIsReused() throws {
    let reader = ImageReader()
    var image = Image(width: 0, height: 0)
    for name in Fixture.names + Fixture.names.reversed() {
      try reader.read(Fixture.folder + name, into: &image)
      #expect(image == (try Fixture.expected(name)))
    }
  }

  @Test("names the file and the problem")
  func errorsNameTheFile() throws {
    let reader = ImageReader()
    #expect { try reader.read("/nonexistent.jpg") } throws: { id(of: $0) == .fileNotFound }
    #expect { try reader.decode([]) } throws: { id(of: $0) == .imageUnknownFormat }
    #expect { try reader.decode(Array("no picture".utf8)) } throws: {
      id(of: $0) == .imageUnknownFormat
    }
    var limits = ImageReader.Limits()
    limits.pixelCount = 390
    let path = Fixture.folder + "png_rgb8.png"
    #expect { try ImageReader(limits: limits).read(path) } throws: {
      let error = $0 as? DeployError
      return error?.id == .imageInvalidSize
        && error?.diagnostics[0].location == .file(path: path)
    }
  }

  @Test("refuses run-length coded bitmaps")
  func runLengthIsRefused() throws {
    var bytes = try Fixture.bytes("bmp_8.bmp")
    bytes[30] = 1
    #expect { try ImageReader().decode(bytes) } throws: { id(of: $0) == .imageUnsupported }
  }

  @Test("reads the real photograph", .enabled(if: SharedData.isAvailable))
  func photograph() throws {
    let image = try ImageReader().read(SharedData.path("coco/bus.jpg"))
    #expect(image.width == 810)
    #expect(image.height == 1080)
  }
}

func id(of error: any Error) -> Diagnostic.ID? { (error as? DeployError)?.id }
