import Detectors
import Diagnostics
import Foundation
import Images
import Pipelines
import TestSupport
import Testing
import Videos

/// The sample's network on a clip made of the sample's pictures.
@Suite(
  "Detection in videos",
  .enabled(if: (try? VideoLibrary.encoders().isEmpty) == false, "FFmpeg is not installed")
)
struct DetectVideoTests {
  /// A clip that shows each picture of the sample for three frames, at ten a second.
  final class SampleClip: Sendable {
    let folder = NSTemporaryDirectory() + "vitrine-clip-\(UUID().uuidString)"
    var path: String { folder + "/clip.mp4" }
    static let frameCount = 12

    init() throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Self.write(to: path, rate: 10)
    }

    static func write(to path: String, rate: Double) throws {
      let reader = ImageReader()
      var writer: VideoWriter?
      for frame in 0..<frameCount {
        let image = try reader.read(SharedData.checkout + "/Samples/images/00000\(frame / 3).jpg")
        let open =
          try writer
          ?? VideoWriter(path: path, width: image.width, height: image.height, frameRate: rate)
        writer = open
        try open.write(image, seconds: Double(frame) / rate)
      }
      try writer?.finish()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
  }

  static func job(_ clip: SampleClip, _ stream: DetectJob.Stream = .sessions(2)) -> DetectJob {
    let model = SharedData.checkout + "/Samples/shapes-yolov5n.pt"
    var job = DetectJob(model: model, sources: [clip.path])
    job.stream = stream
    return job
  }

  @Test("frames have numbers, times and what the pictures hold; a stream finds what a loop does")
  func frames() async throws {
    let clip = try SampleClip()
    var contents: [[String]] = []
    for stream in [DetectJob.Stream.off, .sessions(2)] {
      var job = Self.job(clip, stream)
      job.output = clip.folder + "/out.mp4"
      let result = try await job.run()
      #expect(result.pictures.map(\.frame) == Array(0..<SampleClip.frameCount))
      for (index, picture) in result.pictures.enumerated() {
        #expect(abs((picture.seconds ?? -1) - Double(index) / 10) < 2e-3)
        #expect(picture.path == clip.path)
      }
      // About as many objects as in the pictures themselves, 31, three times.
      #expect(result.pictures.map(\.detections.count).reduce(0, +) >= 3 * 26)
      #expect(result.video?.info.frameCount == SampleClip.frameCount)
      #expect(result.video?.encoder != nil)
      contents.append(result.pictures.map { "\($0.frame ?? -1) \($0.detections)" })
      let written = try VideoReader(path: clip.folder + "/out.mp4")
      #expect(written.info.frameCount == SampleClip.frameCount)
      #expect(written.info.width == result.video?.info.width)
    }
    #expect(contents[0] == contents[1])
  }

  @Test("every third frame, each written under its number, boxes drawn")
  func every() async throws {
    let clip = try SampleClip()
    var job = Self.job(clip)
    job.every = 3
    job.annotatedFolder = clip.folder + "/frames"
    job.output = clip.folder + "/out.mkv"
    let result = try await job.run()
    #expect(result.pictures.map(\.frame) == [0, 3, 6, 9])
    let names = try FileManager.default.contentsOfDirectory(atPath: clip.folder + "/frames")
    #expect(names.sorted() == ["0", "3", "6", "9"].map { "clip_00000\($0).jpg" })
    // What was written differs from the source where the boxes are.
    var (source, output) = (Image(width: 0, height: 0), Image(width: 0, height: 0))
    _ = try VideoReader(path: clip.path).next(into: &source)
    let reader = try VideoReader(path: clip.folder + "/out.mkv")
    var count = 0
    while let frame = try reader.next(into: &output) {
      if count == 0 {
        let changed = zip(source.pixels, output.pixels).filter { abs(Int($0) - Int($1)) > 60 }
        #expect(changed.count > 1000)
      }
      #expect(abs(frame.seconds - Double(3 * count) / 10) < 2e-3)
      count += 1
    }
    #expect(count == 4)
  }

  @Test("refusals: a video among pictures, itself as its output, options that do nothing")
  func refusals() async throws {
    let clip = try SampleClip()
    var both = Self.job(clip)
    both.sources.append(SharedData.checkout + "/Samples/images/000000.jpg")
    await #expect { _ = try await both.run() } throws: { Self.id($0) == "detect.one-video" }
    var onto = Self.job(clip)
    onto.output = clip.path
    await #expect { _ = try await onto.run() } throws: { Self.id($0) == "output.onto-source" }
    var idle = Self.job(clip)
    idle.sources = [SharedData.checkout + "/Samples/images"]
    idle.every = 2
    await #expect { _ = try await idle.run() } throws: { Self.id($0) == "detect.unused-option" }
    var missing = Self.job(clip)
    missing.sources = [clip.folder + "/none.mp4"]
    await #expect { _ = try await missing.run() } throws: { Self.id($0) == "file.not-found" }
    #expect(try FileManager.default.contentsOfDirectory(atPath: clip.folder) == ["clip.mp4"])
  }

  private static func id(_ error: any Error) -> Diagnostic.ID? { (error as? DeployError)?.id }

  @Test("a video that is cut off gives its first frames and a warning, and the output is whole")
  func cutOff() async throws {
    let clip = try SampleClip()
    let whole = clip.folder + "/whole.mkv"
    try SampleClip.write(to: whole, rate: 2)
    let bytes = try Data(contentsOf: URL(filePath: whole))
    try bytes.prefix(bytes.count * 2 / 3).write(to: URL(filePath: clip.folder + "/half.mkv"))
    var job = Self.job(clip)
    job.sources = [clip.folder + "/half.mkv"]
    job.imageSize = [320, 320]
    job.output = clip.folder + "/out.mkv"
    let result = try await job.run()
    #expect(result.pictures.count > 2)
    #expect(result.pictures.count < SampleClip.frameCount)
    #expect(result.diagnostics.contains { $0.id == .videoCorrupt && $0.severity == .warning })
    #expect(try VideoReader(path: clip.folder + "/out.mkv").info.width == result.pictures[0].width)
  }
}
