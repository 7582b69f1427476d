import Detectors
import Diagnostics
import Files
import Graphs
import Images
import Metrics
import Videos

extension DetectJob {
  /// Whether a video is among the sources.
  var hasVideo: Bool {
    sources.contains { VideoLibrary.isVideoName($0) && !Folder.exists($0) }
  }

  /// Options of videos do nothing for pictures.
  func checkOptionsOfPictures() throws {
    let unused = [("--output", output != nil), ("--every", every != 1)].first { $0.1 }
    guard let unused else { return }
    throw DeployError(
      .detectUnusedOption,
      "has no effect: it is for a video, and pictures were given",
      at: .option(unused.0),
      remedy: "leave it out, or name a video"
    )
  }

  /// Detects on the frames of the one video that was named.
  func runVideo(progress: ProgressHandler) async throws -> DetectResult {
    guard sources.count == 1, every >= 1 else {
      throw DeployError(
        .detectOneVideo,
        "\(sources.count) sources, and a video among them",
        remedy: "name one video at a time, and pictures apart from it"
      )
    }
    let path = sources[0]
    let reader = try VideoReader(path: path, threads: max(1, MachineProbe.processorCount / 4))
    try checkOutput(reader)
    let count = reader.info.frameCount.map { ($0 + every - 1) / every }
    var job = self
    job.settleStream(count: count)
    return try await job.run(reader, path, count: count, progress: progress)
  }

  private func run(
    _ reader: VideoReader,
    _ path: String,
    count: Int?,
    progress: ProgressHandler
  ) async throws -> DetectResult {
    let network = try await load(progress)
    let contract = network.contract
    let info = reader.info
    let frameWriter = try PictureWriter(self, classNames: contract.classNames, videoPath: path)
    let videoWriter = try output.map {
      try VideoWriter(
        path: $0,
        width: info.width,
        height: info.height,
        frameRate: info.frameRate
      )
    }
    let write: PictureFlow.Write = { item, picture in
      try frameWriter.write(item.image, picture, item.frame?.index ?? item.number)
      guard let videoWriter else { return }
      let annotated = item.image.annotated(with: picture, classNames: contract.classNames)
      try videoWriter.write(annotated, seconds: item.frame?.seconds ?? 0)
    }
    let flow = PictureFlow(
      makeLoad: loadingFrames(reader, path),
      makeAnswer: { tracer in try network.answerer(tracer) },
      write: frameWriter.writes || videoWriter != nil ? write : nil,
      forgives: { _ in false },
      recorder: recorder,
      engine: backend.name
    )
    var result = emptyResult(network)
    try await work(flow, total: count, &result, progress)
    result.diagnostics += network.sessionNotes
    try videoWriter?.finish()
    result.video = DetectResult.Video(
      path: path,
      info: info,
      every: every,
      output: output,
      encoder: videoWriter?.encoder
    )
    result.diagnostics += reader.warnings
    if info.hasAudio, output != nil {
      result.diagnostics.append(
        Diagnostic(
          .note,
          .detectNoSound,
          "the sound is left out",
          at: output.map { .file(path: $0) }
        )
      )
    }
    progress(.finished(summary: result.summary(contract.task)))
    return result
  }

  private func loadingFrames(_ reader: VideoReader, _ path: String) -> PictureFlow.MakeLoad {
    let every = every
    return {
      { _, item in
        item.path = path
        item.frame = try reader.next(every: every, into: &item.image)
        return item.frame != nil
      }
    }
  }

  /// Refuses an output that would be lost work, before any is done.
  private func checkOutput(_ reader: VideoReader) throws {
    guard let output else { return }
    if MappedFile.areSame(reader.path, output) {
      throw DeployError(
        .outputOntoSource,
        "is '\(reader.path)' itself, which would be lost",
        at: .file(path: output),
        remedy: "give another name"
      )
    }
    try VideoWriter.check(output)
  }
}

extension Diagnostic.ID {
  /// A video among other sources.
  static let detectOneVideo: Self = "detect.one-video"
  /// The annotated video has no sound.
  static let detectNoSound: Self = "detect.no-sound"
}
