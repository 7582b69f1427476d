import Diagnostics
import Images
import Metrics
import Videos

/// Pictures through three steps, in turn or as a stream: load, answer, write.
///
/// Letterbox and suppression belong to the answer, on the thread of the session that they serve:
/// they write its input and read its output where these lie, and with several sessions they run
/// beside another one's inference all the same. A stage of their own would copy a picture's input
/// (4.9 MB at 640×640) and its output (8.6 MB).
struct PictureFlow: Sendable {
  /// Fills in picture `number`; false where there is none.
  typealias Load = (_ number: Int, PictureInWork) throws -> Bool
  /// What is found in a picture.
  typealias Answer = (_ path: String, Image) throws -> DetectResult.Picture
  /// Keeps what was asked for of a picture.
  typealias Write = @Sendable (PictureInWork, DetectResult.Picture) throws -> Void

  /// Makes the memory of the one thread that loads.
  typealias MakeLoad = @Sendable () throws -> Load

  var makeLoad: MakeLoad
  /// Makes the memory of one thread that answers.
  var makeAnswer: @Sendable (PipelineTracer?) throws -> Answer
  /// nil where nothing is written.
  var write: Write?
  /// Whether an error costs its picture only.
  var forgives: @Sendable (DeployError) -> Bool
  var recorder: TimelineRecorder?
  /// The name of what runs the network, for traces.
  var engine: String

  /// The most pictures between two steps.
  private static let capacity = 2
  /// What the pictures between two steps may take, in bytes, where there are several.
  private static let mostBytes = 1 << 28

  /// Works through all pictures and gives them, in order, to `body`.
  /// - Parameter sessions: how many threads answer; nil does everything in turn on this one.
  func run(sessions: Int?, _ body: (PictureInWork) throws -> Void) async throws {
    guard let sessions else { return try runInTurn(body) }
    let (stream, park) = (
      StageStream(capacity: Self.capacity, weightLimit: Self.mostBytes), PicturePark()
    )
    let weight: @Sendable (PictureInWork) -> Int = { $0.image.pixels.count }
    let loaded = try stream.source(weight: weight) { _ in
      let load = try loadStep(tracer("decode"))
      return { number in
        let item = park.take()
        return try load(number, item) ? item : nil
      }
    }
    var done = try stream.stage(loaded, workers: sessions, weight: weight) { worker in
      let answer = try answerStep(tracer("network \(worker + 1)", "\(engine) \(worker + 1)"))
      return { _, item in
        try answer(item)
        return item
      }
    }
    if write != nil {
      done = try stream.stage(done) { _ in
        let write = writeStep(tracer("draw and write"))
        return { _, item in
          try write(item)
          return item
        }
      }
    }
    try await withTaskCancellationHandler {
      try stream.collect(done) { _, item in
        try body(item)
        park.give(item)
      }
    } onCancel: {
      stream.cancel()
    }
  }

  private func runInTurn(_ body: (PictureInWork) throws -> Void) throws {
    let tracer = tracer("host", engine)
    let answer = try answerStep(tracer)
    let (load, write) = (try loadStep(tracer), writeStep(tracer))
    let item = PictureInWork()
    var number = 0
    while try load(number, item) {
      if Task.isCancelled { throw StageStream.cancelled }
      try answer(item)
      try write(item)
      try body(item)
      number += 1
    }
  }

  private func tracer(_ lane: String, _ engine: String? = nil) -> PipelineTracer? {
    recorder.map { PipelineTracer($0, lane: lane, engine: engine) }
  }

  /// Runs one step of a picture; an error that costs the picture only is kept with it.
  private func attempt(
    _ item: PictureInWork,
    _ tracer: PipelineTracer?,
    _ step: () throws -> Void
  ) throws {
    tracer?.begin(picture: item.number, after: item.mark)
    do {
      try step()
    } catch let error as DeployError where forgives(error) {
      item.picture = nil
      item.refusal = error.asWarning(about: item.path)
    }
    item.mark = tracer?.last
  }

  private func loadStep(_ tracer: PipelineTracer?) throws -> Load {
    let load = try makeLoad()
    return { number, item in
      item.reset(number)
      var isThere = true
      try attempt(item, tracer) {
        let start = ContinuousClock.now
        isThere = try load(number, item)
        if isThere { tracer?.add("decode", .decode, from: start) }
      }
      return isThere
    }
  }

  private func answerStep(_ tracer: PipelineTracer?) throws -> (PictureInWork) throws -> Void {
    let answer = try makeAnswer(tracer)
    return { item in
      guard item.refusal == nil else { return }
      try attempt(item, tracer) {
        var picture = try answer(item.path, item.image)
        picture.frame = item.frame?.index
        picture.seconds = item.frame?.seconds
        item.picture = picture
      }
    }
  }

  private func writeStep(_ tracer: PipelineTracer?) -> (PictureInWork) throws -> Void {
    { item in
      guard let write, let picture = item.picture else { return }
      try attempt(item, tracer) {
        let start = ContinuousClock.now
        try write(item, picture)
        tracer?.add("draw and write", .draw, from: start)
      }
    }
  }
}
