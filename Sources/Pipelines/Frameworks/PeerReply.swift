/// What a peer process answers, one line of JSON each. What does not apply is absent.
struct PeerReply: Codable {
  /// Why the engine cannot run there.
  var absence: String?
  /// The engine's version.
  var version: String?
  /// Threads inside one run, as the engine tells them.
  var threadCount: Int?
  /// The element type of the weights.
  var precision: String?
  /// The extents of the first output.
  var outputShape: [Int]?
  /// CRC-32 of the input as the engine's own memory held it.
  var inputSum: UInt32?
  /// The time of each run inside the process, in milliseconds.
  var milliseconds: [Double]?
  /// Processor time of all threads meanwhile, in seconds.
  var processorSeconds: Double?
  /// Wall-clock time meanwhile, in seconds.
  var wallSeconds: Double?
  /// The most memory that the process held so far, in bytes.
  var peakMemory: Int64?
}

/// What a peer process is asked, one line each.
enum PeerRequest {
  /// Answers nothing: what asking costs.
  case nothing
  /// Runs on the input of a slot and leaves the output in the shared block.
  case check(slot: Int)
  /// Runs on fresh inputs for so many milliseconds.
  case leg(milliseconds: Double)
  /// Goes from the bytes of picture files to detections for so many milliseconds.
  case query(milliseconds: Double)

  var line: String {
    switch self {
    case .nothing: "nothing\n"
    case .check(let slot): "check \(slot)\n"
    case .leg(let milliseconds): "leg \(milliseconds)\n"
    case .query(let milliseconds): "query \(milliseconds)\n"
    }
  }

  init?(_ line: some StringProtocol) {
    let words = line.split(separator: " ")
    switch (words.first, words.count) {
    case ("nothing", 1): self = .nothing
    case ("check", 2):
      guard let slot = Int(words[1]), slot >= 0 else { return nil }
      self = .check(slot: slot)
    case ("leg", 2):
      guard let time = Double(words[1]), time.isFinite else { return nil }
      self = .leg(milliseconds: time)
    case ("query", 2):
      guard let time = Double(words[1]), time.isFinite else { return nil }
      self = .query(milliseconds: time)
    default: return nil
    }
  }
}
