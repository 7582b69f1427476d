import Graphs

extension DetectJob {
  /// Whether the next pictures are decoded, and others answered and written, while one is in the
  /// network. Results are the same; only the times of single pictures overlap.
  public enum Stream: Sendable, Hashable {
    /// Where there are eight pictures or more, and several processors: as many sessions as
    /// processors, four at most, that share the processors' threads.
    case automatic
    /// Each picture is finished before the next is begun.
    case off
    /// So many sessions of the network side by side.
    case sessions(Int)

    /// The number of sessions, nil for none side by side; to be asked of a settled choice.
    var sessionCount: Int? {
      guard case .sessions(let count) = self else { return nil }
      return count
    }
  }

  /// Sessions hold memory, and more of them than this gain little.
  private static let mostSessions = 4
  /// Starting a second session takes as long as a few pictures do.
  private static let fewestPictures = 8

  /// The threads of one run: in a stream, sessions share the processors.
  var threadCount: Int? {
    guard backend.threadCount == nil, let count = stream.sessionCount else {
      return backend.threadCount
    }
    return max(1, MachineProbe.processorCount / count)
  }

  /// Turns `automatic` into what it means here.
  /// - Parameter count: how many pictures there are; nil where nobody knows.
  mutating func settleStream(count: Int?) {
    guard stream == .automatic else { return }
    let processors = MachineProbe.processorCount
    guard processors > 1, count ?? .max >= Self.fewestPictures else {
      stream = .off
      return
    }
    let room = processors / max(1, backend.threadCount ?? 1)
    stream = .sessions(max(1, min(room, Self.mostSessions)))
  }
}

extension DetectResult {
  /// `188 pictures, 1672 objects`.
  func summary(_ task: ModelContract.Task) -> String {
    let noun = counted(pictures.count, video == nil ? "picture" : "frame")
    let objects = pictures.reduce(0) { $0 + $1.detections.count }
    return task == .classify ? noun : "\(noun), \(counted(objects, "object"))"
  }
}
