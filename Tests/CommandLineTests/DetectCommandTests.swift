import Foundation
import TestSupport
import Testing

/// `detect` as a user calls it.
@Suite("detect")
struct DetectCommandTests {
  static let model = SharedData.checkout + "/Samples/shapes-yolov5n.pt"
  static let images = SharedData.checkout + "/Samples/images"

  @Test("a stream prints what a loop prints, and how long all took")
  func streams() throws {
    var lines: [[String]] = []
    for stream in ["off", "2", "auto"] {
      let run = try VitrineProcess.run([
        "detect", Self.model, Self.images, "--imgsz", "320", "--stream", stream,
      ])
      #expect(run.status == 0, "\(run.errors)")
      let all = run.output.split(separator: "\n").map(String.init)
      #expect(all.count == 5)
      #expect(all.last?.contains("pictures/s") == true)
      #expect(all.last?.contains("with 2 sessions") == (stream == "2"))
      // Without the times.
      lines.append(all.dropLast().map { $0.components(separatedBy: "  ").prefix(2).joined() })
    }
    #expect(lines[0] == lines[1])
    #expect(lines[0] == lines[2])
  }

  @Test("wrong usage", arguments: ["--stream=0", "--stream=fast", "--every=0", "--every=2"])
  func wrongUsage(_ option: String) throws {
    let run = try VitrineProcess.run(["detect", Self.model, Self.images, option])
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
  }

  @Test("without FFmpeg's libraries a video is refused with the remedy, exit code 69")
  func missingLibraries() throws {
    let folder = try ScratchFolder()
    // The loader looks here first, and finds files that are no libraries.
    for major in 59...62 {
      try Data().write(to: URL(filePath: "\(folder.path)/libavformat.so.\(major)"))
    }
    let clip = folder.path + "/clip.mp4"
    try Data([0]).write(to: URL(filePath: clip))
    let run = try VitrineProcess.run(
      ["detect", Self.model, clip],
      environment: ["LD_LIBRARY_PATH": folder.path]
    )
    #expect(run.status == 69)
    #expect(run.errors.contains("video.library-missing"))
    #expect(run.errors.contains("Scripts/setup video"))
    let doctor = try VitrineProcess.run(
      ["doctor", "--json"],
      environment: ["LD_LIBRARY_PATH": folder.path]
    )
    #expect(doctor.output.contains("ffmpeg"))
  }
}
