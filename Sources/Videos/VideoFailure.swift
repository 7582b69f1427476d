public import Diagnostics

extension Diagnostic.ID {
  /// FFmpeg's libraries are not installed, or of an unknown release.
  public static let videoLibraryMissing: Self = "video.library-missing"
  /// A file that is no video of a known kind, or has no picture in it.
  public static let videoUnsupported: Self = "video.unsupported"
  /// A video whose bytes are damaged or cut off.
  public static let videoCorrupt: Self = "video.corrupt"
  /// A frame whose size is beyond the limits.
  public static let videoInvalidSize: Self = "video.invalid-size"
  /// A video that cannot be written.
  public static let videoUnwritable: Self = "video.unwritable"
}

/// The errors of reading and writing videos, with their remedies.
enum VideoFailure {
  static func libraryMissing(_ reason: String) -> DeployError {
    DeployError(
      .videoLibraryMissing,
      "FFmpeg's libraries cannot be used: \(reason)",
      remedy: "run Scripts/setup video, or install FFmpeg 5 to 8 (libavformat, libswscale)"
    )
  }

  static func unreadable(_ path: String, _ reason: String) -> DeployError {
    DeployError(
      .videoUnsupported,
      "cannot be opened as a video: \(reason)",
      at: .file(path: path),
      remedy: "give an undamaged MP4, MOV, Matroska, WebM, AVI, MPEG, FLV, ASF or Ogg file"
    )
  }

  static func corrupt(_ path: String, _ reason: String) -> DeployError {
    DeployError(
      .videoCorrupt,
      reason,
      at: .file(path: path),
      remedy: "get an undamaged copy of the video"
    )
  }

  static func unwritable(_ path: String, _ reason: String) -> DeployError {
    DeployError(
      .videoUnwritable,
      "the video cannot be written: \(reason)",
      at: .file(path: path),
      remedy: "check the folder, the free space, and that the name ends in .mp4, .mov, .mkv or .avi"
    )
  }
}
