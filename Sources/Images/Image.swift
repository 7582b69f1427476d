public import Diagnostics

/// 8-bit interleaved RGB, row-major, no padding between rows.
public struct Image: Sendable, Hashable {
  /// Pixels per row.
  public private(set) var width: Int
  /// Rows.
  public private(set) var height: Int
  /// `height · width · 3` bytes: R, G, B of each pixel, row by row from the top.
  public var pixels: [UInt8]

  /// Creates a picture of one colour.
  public init(width: Int, height: Int, filledWith color: Color = .black) {
    precondition(width >= 0 && height >= 0)
    self.width = width
    self.height = height
    pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { bytes, count in
      for pixel in 0..<width * height {
        bytes[3 * pixel] = color.red
        bytes[3 * pixel + 1] = color.green
        bytes[3 * pixel + 2] = color.blue
      }
      count = width * height * 3
    }
  }

  /// Creates a picture from its bytes.
  /// - Throws: `image.invalid-size` when the byte count is not `height · width · 3`.
  public init(width: Int, height: Int, pixels: [UInt8]) throws {
    guard width >= 0, height >= 0, pixels.count == width * height * 3 else {
      throw DeployError(
        .imageInvalidSize,
        "\(pixels.count) bytes are no RGB picture of \(width)×\(height)"
      )
    }
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Changes the size, keeping the memory where it suffices; the contents are unspecified.
  public mutating func reshape(width: Int, height: Int) {
    precondition(width >= 0 && height >= 0)
    self.width = width
    self.height = height
    let count = width * height * 3
    if pixels.count > count {
      pixels.removeLast(pixels.count - count)
    } else if pixels.count < count {
      pixels += repeatElement(0, count: count - pixels.count)
    }
  }
}

/// An 8-bit RGB colour.
public struct Color: Sendable, Hashable, Codable {
  /// The red channel.
  public var red: UInt8
  /// The green channel.
  public var green: UInt8
  /// The blue channel.
  public var blue: UInt8
  /// Creates a colour.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
  /// All channels 0.
  public static let black = Color(red: 0, green: 0, blue: 0)
  /// All channels 255.
  public static let white = Color(red: 255, green: 255, blue: 255)
}

extension Diagnostic.ID {
  /// A picture whose size is impossible or beyond the limits.
  public static let imageInvalidSize: Self = "image.invalid-size"
}
