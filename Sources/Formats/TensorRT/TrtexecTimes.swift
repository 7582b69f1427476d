import Diagnostics
import Files

/// The times of single queries: `trtexec --exportTimes`.
///
/// A list with an object for each query, the warm-up's too: when parts began and ended, and how long
/// they took, in milliseconds. Releases differ in the fields that they add; those that are read here
/// are in 8.x and 10.x alike: `startComputeMs`, `computeMs`, and `latencyMs` (copy in, compute, copy
/// out). Source: TensorRT, `sampleReporting.cpp`, `exportJSONTrace`.
public struct TrtexecTimes: Sendable, Hashable {
  /// One query.
  public struct Query: Sendable, Hashable {
    /// When its computation began, in milliseconds; nil where that is not told.
    public var start: Double?
    /// How long the GPU computed, in milliseconds.
    public var compute: Double
    /// How long copying in, computing and copying out took, in milliseconds.
    public var latency: Double
  }

  /// In the order of the file.
  public var queries: [Query]

  private static let byteLimit = 64 << 20

  /// Reads an export.
  /// - Throws: `tensorrt.malformed`, `file.not-found`.
  public static func read(path: String) throws -> TrtexecTimes {
    try EngineText.parse(path, limit: byteLimit) { try parse($0) }
  }

  /// Reads the bytes of an export.
  /// - Throws: `tensorrt.malformed`.
  public static func parse(_ bytes: UnsafeRawBufferPointer) throws -> TrtexecTimes {
    let remedy = "export it with trtexec --exportTimes=FILE"
    guard let entries = try EngineText.json(bytes).elements else {
      throw EngineText.malformed("is not a list of times", remedy: remedy)
    }
    let queries = try entries.enumerated().map { index, entry in
      let sound = { (time: Double) in time.isFinite && (0...1e9).contains(time) }
      guard let compute = entry["computeMs"]?.decimal, sound(compute),
        let latency = entry["latencyMs"]?.decimal, sound(latency)
      else {
        throw EngineText.malformed(
          "query \(index) has no computeMs and latencyMs of 0 to 1e9",
          remedy: remedy
        )
      }
      return Query(start: entry["startComputeMs"]?.decimal, compute: compute, latency: latency)
    }
    guard !queries.isEmpty else { throw EngineText.malformed("holds no queries", remedy: remedy) }
    return TrtexecTimes(queries: queries)
  }

  /// The queries after the warm-up, by trtexec's own rule.
  /// - Parameter milliseconds: what `--warmUp` was.
  public func timed(afterWarmUp milliseconds: Double) -> [Query] {
    queries.filter { ($0.start ?? .infinity) >= milliseconds }
  }
}

/// The figures at the end of what trtexec prints.
/// Source: TensorRT, `sampleReporting.cpp`, `printEpilog`; 8.x says `percentile(99%)`, 10.x several.
public struct TrtexecSummary: Sendable, Hashable {
  /// The release that it states, such as `10.9.0`; nil where it states none.
  public var release: String?
  /// Queries per second.
  public var throughput: Double
  /// The median of copying in, computing and copying out, in milliseconds.
  public var medianLatency: Double
  /// The median of computing, in milliseconds.
  public var medianCompute: Double

  /// Reads what trtexec printed.
  /// - Throws: `tensorrt.malformed` where one of the figures is missing or no number.
  public init(_ text: String) throws {
    func line(after label: String) -> Substring? {
      for line in text.split(whereSeparator: \.isNewline) {
        // `[11/24/2026-10:00:00] [I] Latency: min = …`
        if let range = line.range(of: "] " + label + ":") { return line[range.upperBound...] }
      }
      return nil
    }
    func number(_ words: Substring?, _ what: String) throws -> Double {
      let digits = words?.drop { $0 == " " }.prefix { "0123456789.e+-".contains($0) }
      guard let value = digits.flatMap({ Double($0) }), value.isFinite, value >= 0 else {
        throw EngineText.malformed(
          "trtexec's summary tells no \(what)",
          remedy: "run trtexec by hand with --loadEngine to see what it says"
        )
      }
      return value
    }
    func median(_ label: String) throws -> Double {
      let words = line(after: label)
      let start = words.flatMap { $0.range(of: "median =")?.upperBound }
      return try number(start.flatMap { words?[$0...] }, "median of '\(label)'")
    }
    throughput = try number(line(after: "Throughput"), "throughput")
    medianLatency = try median("Latency")
    medianCompute = try median("GPU Compute Time")
    // `TensorRT version: 8.6.1`, or a banner `&&&& RUNNING TensorRT.trtexec [TensorRT v100900]`.
    let stated = line(after: "TensorRT version")?.drop { $0 == " " }
    release = stated.map { String($0.prefix { "0123456789.".contains($0) }) }
    if release == nil, let start = text.range(of: "[TensorRT v")?.upperBound {
      let digits = text[start...].prefix { $0.isASCII && $0.isNumber }
      release = Int(digits).flatMap(Self.release)
    }
  }

  /// 8601 is 8.6.1, 100900 is 10.9.0.
  private static func release(_ number: Int) -> String? {
    guard (1000..<1_000_000).contains(number) else { return nil }
    return number < 10_000
      ? "\(number / 1000).\(number / 100 % 10).\(number % 100)"
      : "\(number / 10_000).\(number / 100 % 100).\(number % 100)"
  }
}

extension StringProtocol {
  /// Where a text first occurs.
  fileprivate func range(of part: String) -> Range<Index>? { firstRange(of: part) }
}
