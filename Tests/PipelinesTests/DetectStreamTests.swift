import Detectors
import Diagnostics
import Foundation
import Metrics
import Pipelines
import TestSupport
import Testing

/// The sample's network on the sample's pictures, in turn and as a stream.
@Suite("Detection as a stream")
struct DetectStreamTests {
  /// The sample's pictures, twice, with a damaged one and one that is not there amid them.
  final class Pictures: Sendable {
    let folder = NSTemporaryDirectory() + "vitrine-stream-\(UUID().uuidString)"
    let paths: [String]

    init() throws {
      let manager = FileManager.default
      try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let images = SharedData.checkout + "/Samples/images"
      var paths: [String] = []
      for round in 0..<2 {
        for name in try manager.contentsOfDirectory(atPath: images).sorted() {
          let copy = "\(folder)/\(round)-\(name)"
          try manager.copyItem(atPath: "\(images)/\(name)", toPath: copy)
          paths.append(copy)
        }
        let whole = try Data(contentsOf: URL(filePath: paths[0]))
        paths.append("\(folder)/\(round)-half.jpg")
        try whole.prefix(whole.count / 2).write(to: URL(filePath: paths[paths.count - 1]))
      }
      self.paths = paths
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
  }

  static func job(_ pictures: Pictures, _ stream: DetectJob.Stream) -> DetectJob {
    let model = SharedData.checkout + "/Samples/shapes-yolov5n.pt"
    var job = DetectJob(model: model, sources: pictures.paths)
    job.imageSize = [320, 320]
    job.stream = stream
    return job
  }

  /// All but the times.
  static func content(_ result: DetectResult) -> [String] {
    result.pictures.map { "\($0.path) \($0.width) \($0.height) \($0.inputSize) \($0.detections)" }
      + result.diagnostics.map(\.description)
  }

  /// Every file of a folder by name.
  static func files(_ folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      files[name] = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
    }
    return files
  }

  @Test("a stream finds, warns and writes what a loop does", arguments: [1, 2, 3])
  func sameAsInTurn(_ sessions: Int) async throws {
    let pictures = try Pictures()
    var outcomes: [(content: [String], files: [String: Data])] = []
    for stream in [DetectJob.Stream.off, .sessions(sessions)] {
      var job = Self.job(pictures, stream)
      let output = pictures.folder + "/out-\(outcomes.count)"
      (job.annotatedFolder, job.labelFolder) = (output, output)
      let result = try await job.run()
      #expect(result.run?.streamSessions == (stream == .off ? nil : sessions))
      outcomes.append((Self.content(result), try Self.files(output)))
    }
    let warnings = outcomes[0].content.filter { $0.contains("image.corrupt") }
    #expect(warnings.count == 2)
    #expect(outcomes[0].content == outcomes[1].content)
    #expect(outcomes[0].files.count == 2 * (pictures.paths.count - 2))
    #expect(outcomes[0].files == outcomes[1].files)
  }

  @Test("a picture that cannot be written ends both alike")
  func writingFails() async throws {
    let pictures = try Pictures()
    var messages: [String] = []
    for stream in [DetectJob.Stream.off, .sessions(2)] {
      var job = Self.job(pictures, stream)
      job.annotatedFolder = pictures.folder + "/out"
      try FileManager.default.createDirectory(
        atPath: pictures.folder + "/out/1-000001.jpg",
        withIntermediateDirectories: true
      )
      // A folder in the way is about that picture; it costs no other.
      let result = try await job.run()
      messages.append(result.diagnostics.map(\.description).joined(separator: "\n"))
      #expect(result.pictures.count == pictures.paths.count - 3)
    }
    #expect(messages[0] == messages[1])
    #expect(messages[0].contains("1-000001.jpg"))
  }

  @Test("the trace shows stages of different pictures at the same time")
  func traceOverlaps() async throws {
    let pictures = try Pictures()
    var job = Self.job(pictures, .sessions(2))
    let recorder = TimelineRecorder("stream")
    job.recorder = recorder
    _ = try await job.run()
    let timeline = recorder.timeline
    #expect(timeline.lanes.contains("decode"))
    #expect(timeline.lanes.contains("network 1"))
    #expect(timeline.lanes.contains("network 2"))
    let whole = timeline.spans.filter { $0.parent == nil && $0.picture != nil }
    let overlaps = whole.contains { one in
      whole.contains { other in
        one.picture != other.picture && one.start < other.end && other.start < one.end
      }
    }
    #expect(overlaps)
    // Each picture's letterbox waits for its own decoding.
    for span in whole where span.category == .letterbox {
      let before = span.after.map { timeline.spans[$0] }
      #expect(before.contains { $0.category == .decode && $0.picture == span.picture })
      #expect(before.allSatisfy { $0.end <= span.start })
    }
  }

  @Test("a stream that is called off ends with an error and no thread")
  func cancelled() async throws {
    let pictures = try Pictures()
    let job = Self.job(pictures, .sessions(2))
    let work = Task.detached { try await job.run() }
    work.cancel()
    let error = await #expect(throws: DeployError.self) { _ = try await work.value }
    #expect(error?.id == "stream.cancelled")
  }
}
