import Backends
import Detectors
import Graphs
import Metrics

/// Records what one thread of a detection job does, picture by picture, and its engine.
///
/// On a thread, each part waits for the one before; the first one of a picture also waits for what
/// another thread did to it. Parts of a run of the engine lie in a lane of their own, below the span
/// of the run.
final class PipelineTracer: SessionObserver {
  typealias Time = TimelineRecorder.Time

  private let recorder: TimelineRecorder
  private let host: Int
  private let engine: Int
  /// The part recorded last.
  private(set) var last: TimelineRecorder.Mark?
  /// What another thread did to the picture.
  private var handedOver: TimelineRecorder.Mark?
  private var picture: Int?
  private var layers: [(info: LayerInfo, duration: Duration)] = []
  private var phases: [(phase: RunPhase, duration: Duration)] = []

  /// - Parameters:
  ///   - lane: the thread.
  ///   - engine: where the engine's parts go; nil where the thread runs no network.
  init(_ recorder: TimelineRecorder, lane: String = "host", engine: String? = nil) {
    self.recorder = recorder
    host = recorder.lane(lane)
    self.engine = engine.map(recorder.lane) ?? host
  }

  /// Begins with a picture, counted from 0.
  /// - Parameter mark: the last part of the picture on another thread.
  func begin(picture index: Int, after mark: TimelineRecorder.Mark? = nil) {
    picture = index
    handedOver = mark
  }

  /// Records a part that ends now.
  func add(_ name: String, _ category: Timeline.Category, from start: Time, to end: Time = .now) {
    last = recorder.record(
      name,
      category,
      on: host,
      from: start,
      to: end,
      picture: picture,
      after: handedOver == last ? [last] : [last, handedOver]
    )
    handedOver = nil
  }

  func session(_ session: any Session, didRun layer: LayerInfo, in duration: Duration) {
    layers.append((layer, duration))
  }

  func session(_ session: any Session, didFinish phase: RunPhase, in duration: Duration) {
    phases.append((phase, duration))
  }

  /// Records a detection that began at `start`: its parts follow each other without a gap.
  func add(_ timings: StageTimings, from start: Time) {
    let prepared = start + timings.preprocess
    let ran = prepared + timings.inference
    add("letterbox", .letterbox, from: start, to: prepared)
    addRun(from: prepared, to: ran)
    add("NMS", .suppress, from: ran, to: ran + timings.postprocess)
    layers.removeAll(keepingCapacity: true)
    phases.removeAll(keepingCapacity: true)
  }

  private func addRun(from start: Time, to end: Time) {
    let work = phases.reduce(Duration.zero) { $0 + $1.duration }
    let finish = work > .zero ? min(end, start + work) : end
    add("inference", .enqueue, from: start, to: finish)
    var time = start
    var before: TimelineRecorder.Mark?
    for (phase, duration) in phases {
      before = recorder.record(
        phase.title,
        phase.category,
        on: engine,
        from: time,
        to: time + duration,
        picture: picture,
        parent: last,
        after: [before]
      )
      if phase == .compute { addLayers(from: time, to: time + duration, in: before) }
      time += duration
    }
    // Asking the engine for its layers takes time that an untraced run does not take.
    if finish < end { add("read the layers' times", .other, from: finish, to: end) }
  }

  /// Engines tell how long each layer took, not when it began: layers run in order.
  private func addLayers(from start: Time, to end: Time, in whole: TimelineRecorder.Mark?) {
    var time = start
    var before: TimelineRecorder.Mark?
    for (layer, duration) in layers {
      let next = min(end, time + duration)
      var arguments = ["implementation": layer.tactic]
      let modules = layer.provenance.modules.joined(separator: " + ")
      if !modules.isEmpty { arguments["modules"] = modules }
      before = recorder.record(
        layer.name,
        .layer,
        on: engine,
        from: time,
        to: next,
        picture: picture,
        parent: whole,
        after: [before],
        arguments: arguments
      )
      time = next
    }
  }
}

extension RunPhase {
  fileprivate var category: Timeline.Category {
    switch self {
    case .enqueue: .enqueue
    case .hostToDevice: .hostToDevice
    case .compute: .compute
    case .deviceToHost: .deviceToHost
    }
  }

  fileprivate var title: String {
    switch self {
    case .enqueue: "enqueue"
    case .hostToDevice: "host to device"
    case .compute: "compute"
    case .deviceToHost: "device to host"
    }
  }
}
