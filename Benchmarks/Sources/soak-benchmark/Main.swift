// soak-benchmark MODEL SIZE THREADS RUNS float32|bfloat16
//
// Runs the native engine again and again and prints what the process keeps in memory.
import Backends
import BackendsNative
import Foundation
import Formats
import Graphs
import Models
import Tensors

@main
enum Main {
  static func main() async throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count == 5, let size = Int(arguments[1]), let threads = Int(arguments[2]),
      let runs = Int(arguments[3]), runs >= 10, let precision = ScalarType(rawValue: arguments[4])
    else {
      print("usage: soak-benchmark MODEL SIZE THREADS RUNS float32|bfloat16")
      exit(64)
    }
    let graph = try graph(arguments[0], size)
    var configuration = BuildConfiguration()
    configuration.threadCount = threads
    configuration.executionPrecisionHint = precision == .float32 ? nil : precision
    let plan = try await NativeBackend().build(graph, configuration: configuration).plan
    let session = try plan.makeSession()
    let input = try session.input(graph[graph.inputs[0]].name, shape: [1, 3, size, size])
    try input.withScalars(of: Float.self) { values in
      for index in values.indices { values[index] = Float((index &* 2_654_435_761) & 255) / 255 }
    }
    // What a first run touches is no growth.
    let warm = 100
    for _ in 0..<warm { try once(session) }
    let expected = try session.output(session.outputNames[0]).tensor()
    report(0, residentBytes, .zero)
    let before = residentBytes
    let start = ContinuousClock.now
    var mark = start
    for part in 1...10 {
      for _ in 0..<runs / 10 { try once(session) }
      let now = ContinuousClock.now
      report(part * (runs / 10), before, (now - mark) / (runs / 10))
      mark = now
    }
    let actual = try session.output(session.outputNames[0]).tensor()
    let isSame = try actual.withBytes { Array($0) } == expected.withBytes { Array($0) }
    print("in \((ContinuousClock.now - start) / .seconds(1)) s; same result: \(isSame)")
    if !isSame { exit(1) }
  }

  static func report(_ runs: Int, _ before: Int, _ time: Duration) {
    let growth = Double(residentBytes - before) / 1024
    let text = String(format: " %+.0f KiB, %.2f ms a run", growth, time / .milliseconds(1))
    print("\(runs) runs: resident \(before / 1024 / 1024) MiB\(text)")
  }

  static func once(_ session: any Session) throws {
    try session.run(observer: nil)
    for name in session.outputNames { _ = try session.output(name) }
  }

  static func graph(_ path: String, _ size: Int) throws -> Graph {
    if path.hasSuffix(".onnx") {
      let graph = try ONNXReader.read(path: path)
      let type = TensorType(.float32, [1, 3, size, size] as Shape)
      return try graph.retyped(inputs: [graph[graph.inputs[0]].name: type])
    }
    var options = ImportOptions()
    options.imageSize = [size, size]
    let checkpoint = try CheckpointReader.read(path: path)
    return try ModelImporter().graph(from: checkpoint, options: options).graph
  }

  static var residentBytes: Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
  }
}
