import Diagnostics
import Files
import FoundationEssentials
import Metrics

extension TraceFile {
  /// The largest trace that is read, in bytes, and the most spans that are kept.
  static let (byteLimit, spanLimit) = (64 << 20, 50_000)

  /// Reads a Chrome trace of any program: each of its processes is a timeline.
  ///
  /// Source: Trace Event Format: complete (`X`) events, pairs of `B` and `E`, instants (`i`, `I`), and the
  /// names of processes and threads (`M`); other phases are left out. Times in microseconds.
  /// - Throws: `trace.malformed`, `file.…`.
  static func read(_ path: String) throws -> [Timeline] {
    let file = try MappedFile(path: path)
    do {
      guard file.count <= byteLimit else {
        throw malformed("has \(file.count) bytes, more than the \(byteLimit) that are read")
      }
      let document = try withExtendedLifetime(file) {
        do { return try JSONDecoder().decode(Document.self, from: Data(file.bytes)) } catch {
          throw malformed("is no trace: its JSON or one of its events cannot be read")
        }
      }
      var reader = Reader()
      for event in document.events { try reader.add(event) }
      return try reader.timelines()
    } catch let error as DeployError { throw error.inFile(path) }
  }

  private static func malformed(_ message: String) -> DeployError {
    DeployError(
      .traceMalformed,
      message,
      remedy: "give a trace in Chrome's format, as `vitrine detect --trace FILE` writes"
    )
  }

  private struct Document: Decodable {
    var events: [Event]

    enum CodingKeys: String, CodingKey {
      case traceEvents
    }

    init(from decoder: any Decoder) throws {
      if let object = try? decoder.container(keyedBy: CodingKeys.self) {
        events = try object.decode([Event].self, forKey: .traceEvents)
      } else {
        events = try decoder.singleValueContainer().decode([Event].self)
      }
    }
  }

  private struct Event: Decodable {
    var name: String?
    var cat: String?
    var ph: String
    var ts: Double?
    var dur: Double?
    var pid: Name?
    var tid: Name?
    var args: Arguments?
  }

  /// Numbers or texts, as programs like.
  private struct Name: Decodable, Hashable {
    var text: String

    init(_ text: String) { self.text = text }

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      text = try (try? value.decode(Int.self)).map(String.init) ?? value.decode(String.self)
    }
  }

  /// Of what programs add, only texts at the top.
  private struct Arguments: Decodable {
    var texts: [String: String] = [:]

    private struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      guard let object = try? decoder.container(keyedBy: Key.self) else { return }
      for key in object.allKeys.prefix(16) {
        texts[key.stringValue] = try? object.decode(String.self, forKey: key)
      }
    }
  }

  /// Collects events by process and thread.
  private struct Reader {
    private struct Process {
      var title: String?
      var lanes: [Name: Int] = [:]
      var laneNames: [String] = []
      var spans: [Timeline.Span] = []
      var instants: [Timeline.Instant] = []
      /// Spans that have begun, by lane.
      var open: [Int: [(name: String, category: Timeline.Category, start: Double)]] = [:]

      mutating func lane(_ name: Name) -> Int {
        if let index = lanes[name] { return index }
        lanes[name] = laneNames.count
        laneNames.append(name.text)
        return laneNames.count - 1
      }
    }
    private var processes: [Name: Process] = [:]
    private var order: [Name] = []
    private var count = 0
    private var dropped = 0

    mutating func add(_ event: Event) throws {
      let id = event.pid ?? Name("0")
      if processes[id] == nil {
        guard order.count < 64 else { throw malformed("has more than 64 processes") }
        processes[id] = Process()
        order.append(id)
      }
      guard count < spanLimit else {
        dropped += event.ph == "X" || event.ph == "E" ? 1 : 0
        return
      }
      let name = String((event.name ?? "").prefix(200))
      let time = event.ts ?? 0
      guard time.isFinite, abs(time) < 1e15, (event.dur ?? 0).isFinite,
        (0...1e15).contains(event.dur ?? 0)
      else { throw malformed("'\(name.prefix(60))' has no time of 0 or more") }
      let lane = processes[id]?.lane(event.tid ?? Name("0")) ?? 0
      guard lane < 512 else { throw malformed("has more than 512 threads in one process") }
      let category = event.cat.flatMap(Timeline.Category.init(rawValue:)) ?? .other
      switch event.ph {
      case "X":
        add(name, category, lane, time, event.dur ?? 0, event.args?.texts ?? [:], to: id)
      case "B":
        guard processes[id]?.open[lane, default: []].count ?? 0 < 256 else {
          throw malformed("nests more than 256 deep")
        }
        processes[id]?.open[lane, default: []].append((name, category, time))
      case "E":
        guard let begun = processes[id]?.open[lane]?.popLast() else { return }
        add(begun.name, begun.category, lane, begun.start, max(0, time - begun.start), [:], to: id)
      case "i", "I":
        count += 1
        processes[id]?.instants.append(Timeline.Instant(name, lane: lane, time: time / 1000))
      case "M" where event.name == "process_name":
        processes[id]?.title = event.args?.texts["name"].map { String($0.prefix(200)) }
      case "M" where event.name == "thread_name":
        if let text = event.args?.texts["name"] {
          processes[id]?.laneNames[lane] = String(text.prefix(200))
        }
      default: break
      }
    }

    private mutating func add(
      _ name: String,
      _ category: Timeline.Category,
      _ lane: Int,
      _ start: Double,
      _ duration: Double,
      _ arguments: [String: String],
      to process: Name
    ) {
      count += 1
      processes[process]?.spans.append(
        Timeline.Span(
          name,
          category,
          lane: lane,
          start: start / 1000,
          duration: duration / 1000,
          arguments: arguments.mapValues { String($0.prefix(200)) }
        )
      )
    }

    func timelines() throws -> [Timeline] {
      let found = order.compactMap { id -> Timeline? in
        guard let process = processes[id], !process.spans.isEmpty else { return nil }
        let first = process.spans.reduce(Double.infinity) { min($0, $1.start) }
        let spans = Self.nested(process.spans, from: first)
        let instants = process.instants.map { instant in
          var moved = instant
          moved.time = max(0, instant.time - first)
          return moved
        }
        return Timeline(
          title: process.title ?? "process \(id.text)",
          lanes: process.laneNames,
          spans: spans,
          instants: instants,
          droppedCount: dropped
        )
      }
      guard !found.isEmpty else { throw malformed("holds nothing that took time") }
      return found
    }

    /// In order of time, each with the span of its lane that encloses it.
    private static func nested(_ spans: [Timeline.Span], from first: Double) -> [Timeline.Span] {
      var sorted = spans.sorted {
        ($0.start, $1.duration) < ($1.start, $0.duration)
      }
      var enclosing: [Int: [Int]] = [:]
      for index in sorted.indices {
        sorted[index].start -= first
        let span = sorted[index]
        var stack = enclosing[span.lane] ?? []
        while let last = stack.last, sorted[last].end < span.end - 1e-6 { stack.removeLast() }
        sorted[index].parent = stack.last
        if stack.count < 64 { stack.append(index) }
        enclosing[span.lane] = stack
      }
      return sorted
    }
  }
}

extension Diagnostic.ID {
  /// A file that is no trace.
  static let traceMalformed: Self = "trace.malformed"
}
