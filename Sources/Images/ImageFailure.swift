public import Diagnostics

extension Diagnostic.ID {
  /// A codec library that is not installed.
  public static let imageCodecMissing: Self = "image.codec-missing"
  /// Bytes that are no picture of a known format.
  public static let imageUnknownFormat: Self = "image.unknown-format"
  /// A picture whose bytes are damaged or cut off.
  public static let imageCorrupt: Self = "image.corrupt"
  /// A variant of a known format that is not read here.
  public static let imageUnsupported: Self = "image.unsupported"
  /// A folder or pattern without pictures.
  public static let imageNoneFound: Self = "image.none-found"
  /// A picture that a codec refused to write.
  public static let imageUnwritable: Self = "image.unwritable"
}

/// The errors of reading pictures, with their remedies.
enum ImageFailure {
  static func corrupt(_ format: ImageFormat, _ reason: String) -> DeployError {
    DeployError(
      .imageCorrupt,
      "damaged \(format.rawValue) picture: \(reason)",
      at: .file(path: ""),
      remedy: "get an undamaged copy of the picture or leave it out"
    )
  }

  static func unsupported(_ format: ImageFormat, _ reason: String) -> DeployError {
    DeployError(
      .imageUnsupported,
      "\(format.rawValue) picture that is not read here: \(reason)",
      at: .file(path: ""),
      remedy: "save it as JPEG or PNG"
    )
  }

  static func codecMissing(_ format: ImageFormat, _ reason: String) -> DeployError {
    DeployError(
      .imageCodecMissing,
      "the library for \(format.rawValue) cannot be opened: \(reason)",
      remedy: "apt-get install libturbojpeg0 libspng0 libwebp7"
    )
  }
}
