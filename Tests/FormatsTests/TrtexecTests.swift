import Diagnostics
import Formats
import TestSupport
import Testing

@Suite("What trtexec exports and prints")
struct TrtexecTests {
  /// In the form of 8.6: every time of a query, and the warm-up's queries too.
  static let eight = """
    [
      { "startEnqMs" : 1, "endEnqMs" : 1.1, "startH2dMs" : 1, "endH2dMs" : 1.2, "startComputeMs" : 1.2,
        "endComputeMs" : 3.2, "startD2hMs" : 3.2, "endD2hMs" : 3.3, "h2dMs" : 0.2, "computeMs" : 2,
        "d2hMs" : 0.1, "latencyMs" : 2.3, "endToEndMs" : 2.4 }
    , { "startEnqMs" : 250, "startComputeMs" : 250.5, "computeMs" : 1.5, "latencyMs" : 1.75 }
    ]
    """

  static func parse(_ text: String) throws -> TrtexecTimes {
    var text = text
    return try text.withUTF8 { try TrtexecTimes.parse(UnsafeRawBufferPointer($0)) }
  }

  @Test("times of single queries, without the warm-up's")
  func times() throws {
    let times = try Self.parse(Self.eight)
    #expect(times.queries.map(\.compute) == [2, 1.5])
    #expect(times.timed(afterWarmUp: 200).map(\.latency) == [1.75])
    // A release that does not tell when a query began: all of them count.
    let bare = try Self.parse(#"[{"computeMs": 1, "latencyMs": 2}]"#)
    #expect(bare.timed(afterWarmUp: 200).count == 1)
  }

  @Test(
    "what is no list of times is refused",
    arguments: [
      "", "{}", "[]", "[1]", #"[{"computeMs": 1}]"#, #"[{"computeMs": -1, "latencyMs": 2}]"#,
      #"[{"computeMs": 1e400, "latencyMs": 2}]"#, #"[{"computeMs": "1", "latencyMs": 2}]"#,
      #"[{"computeMs": 1, "latencyMs": null}]"#,
    ]
  )
  func strangers(_ text: String) {
    let error = #expect(throws: DeployError.self) { try Self.parse(text) }
    #expect(error?.id == .tensorRTMalformed)
  }

  @Test("every prefix and every changed byte is an error or a value, never a trap")
  func hostile() {
    let bytes = Array(Self.eight.utf8)
    for count in 0..<bytes.count {
      _ = try? bytes[..<count].withUnsafeBytes { try TrtexecTimes.parse($0) }
    }
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x15
      if let times = try? changed.withUnsafeBytes({ try TrtexecTimes.parse($0) }) {
        #expect(times.queries.allSatisfy { $0.compute >= 0 && $0.latency.isFinite })
      }
    }
  }

  @Test("the summary of 8.6 and of 10")
  func summary() throws {
    let old = try TrtexecSummary(
      """
      [05/01/2023-10:00:00] [I] TensorRT version: 8.6.1
      [05/01/2023-10:00:01] [I] Throughput: 1024.5 qps
      [05/01/2023-10:00:01] [I] Latency: min = 1.1 ms, max = 2 ms, mean = 1.3 ms, median = 1.25 ms, percentile(99%) = 1.9 ms
      [05/01/2023-10:00:01] [I] End-to-End Host Latency: min = 9 ms, max = 9 ms, mean = 9 ms, median = 9 ms, percentile(99%) = 9 ms
      [05/01/2023-10:00:01] [I] H2D Latency: min = 8 ms, max = 8 ms, mean = 8 ms, median = 8 ms, percentile(99%) = 8 ms
      [05/01/2023-10:00:01] [I] GPU Compute Time: min = 0.9 ms, max = 1 ms, mean = 0.95 ms, median = 0.94 ms, percentile(99%) = 1 ms
      [05/01/2023-10:00:01] [I] Total GPU Compute Time: 3.1 s
      """
    )
    #expect(old.release == "8.6.1")
    #expect(old.throughput == 1024.5)
    #expect(old.medianLatency == 1.25)
    #expect(old.medianCompute == 0.94)
    let new = try TrtexecSummary(
      """
      &&&& RUNNING TensorRT.trtexec [TensorRT v100900] [b34] # trtexec --loadEngine=x
      [11/24/2026-10:00:01] [I] Throughput: 2e3 qps
      [11/24/2026-10:00:01] [I] Latency: min = 1 ms, max = 2 ms, mean = 1 ms, median = 0.5 ms, percentile(90%) = 1 ms, percentile(95%) = 1 ms, percentile(99%) = 1 ms
      [11/24/2026-10:00:01] [I] GPU Compute Time: min = 1 ms, max = 1 ms, mean = 1 ms, median = 0.25 ms, percentile(90%) = 1 ms
      """
    )
    #expect(new.release == "10.9.0")
    #expect(new.throughput == 2000)
    #expect(new.medianLatency == 0.5)
    for text in [
      "", "[I] Throughput: nan qps", "[I] Throughput: 5 qps\n[I] Latency: median = x ms",
    ] {
      let error = #expect(throws: DeployError.self) { try TrtexecSummary(text) }
      #expect(error?.id == .tensorRTMalformed)
    }
  }
}
