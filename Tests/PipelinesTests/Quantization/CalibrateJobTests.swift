import Diagnostics
import Files
import Formats
import FoundationEssentials
import Graphs
import Images
import Metrics
import Models
import Passes
import Tensors
import TestSupport
import Testing

@testable import Pipelines

@Suite(.serialized) struct CalibrateJobTests {
  private static let sample = SharedData.checkout + "/Samples/shapes-yolov5n.pt"
  private static let images = SharedData.checkout + "/Samples/images"

  private static func json(_ table: CalibrationTable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return Array(try encoder.encode(table))
  }

  private static func id(_ body: () async throws -> Void) async -> Diagnostic.ID? {
    do { try await body() } catch { return (error as? DeployError)?.diagnostics[0].id }
    return nil
  }

  /// Stopped after its first round, it goes on with the second, and the table is the same.
  @Test func aStoppedRunGoesOn() async throws {
    let folder = try TemporaryFolder()
    var job = CalibrateJob(model: Self.sample, sources: [Self.images])
    let whole = try await job.run()
    job.workFile = folder.path + "/work.part"
    let stopped = Task { [job] in
      try await job.run { event in
        // Everything was seen once: the state is written next.
        guard case .advanced(4) = event else { return }
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    let outcome = await stopped.result
    #expect(throws: (any Error).self) { try outcome.get() }
    #expect(folder.names == ["work.part"])
    let state = CalibrationState.read(job.workFile, key: try Self.key(folder))
    #expect(state?.round == 1 && state?.done == 0)
    let rest = try await job.run()
    #expect(folder.names == [])
    #expect(try Self.json(rest) == Self.json(whole))
  }

  private static func key(_ folder: TemporaryFolder) throws -> String {
    struct Head: Decodable { let key: String }
    return try JSONDecoder().decode(Head.self, from: Data(fileBytes(folder.path + "/work.part")))
      .key
  }

  /// Work of another run, or what is none, is not believed.
  @Test func strangeWorkFilesAreIgnored() async throws {
    let folder = try TemporaryFolder()
    var job = CalibrateJob(model: Self.sample, sources: [Self.images])
    let path = folder.path + "/work.part"
    job.workFile = path
    let key = "0"
    let histogram = CalibrationHistogram(least: 0, greatest: 1)
    var state = CalibrationState(key: key)
    state.round = 1
    state.ranges = ["x": [0, 2]]
    state.histograms = ["x": histogram]
    try state.write(to: path)
    // Its histogram is not of its range.
    #expect(CalibrationState.read(path, key: key) == nil)
    state.ranges = ["x": [0, 1]]
    try state.write(to: path)
    #expect(CalibrationState.read(path, key: key) != nil)
    #expect(CalibrationState.read(path, key: "1") == nil)
    let whole = try fileBytes(path)
    for length in stride(from: 0, to: whole.count, by: 97) {
      try AtomicFile.write(Array(whole[..<length]), to: path)
      #expect(CalibrationState.read(path, key: key) == nil)
    }
    #expect(try await job.run().entries.count > 100)
  }

  @Test func theSamePictureTwiceIsNoCalibration() async throws {
    let folder = try TemporaryFolder()
    let bytes = try fileBytes(Self.images + "/000000.jpg")
    for name in ["a.jpg", "b.jpg", "c.jpg"] {
      try AtomicFile.write(bytes, to: folder.path + "/" + name)
    }
    let job = CalibrateJob(model: Self.sample, sources: [folder.path])
    #expect(await Self.id { _ = try await job.run() } == "calibration.identical-pictures")
    let one = CalibrateJob(model: Self.sample, sources: [folder.path + "/a.jpg"])
    #expect(await Self.id { _ = try await one.run() } == "calibration.too-few-pictures")
  }

  /// A network whose values are no numbers.
  @Test(arguments: [Float.nan, .infinity])
  func whatIsNoNumberIsNamed(_ strange: Float) async throws {
    let folder = try TemporaryFolder()
    var graph = try QuantizeJob.network(Self.sample, nil)
    let convolution = try #require(InsertQuantization.convolutions(graph).dropFirst(3).first)
    let old = try #require(convolution.inputs[2].flatMap { graph[$0].constant })
    var values = try old.floats()
    values[0] = strange
    var patch = Patch("a strange bias")
    var inputs: [Patch.Value?] = convolution.inputs.map { $0.map { .existing($0) } }
    inputs[2] = patch.constant("strange", try Tensor(values, shape: old.shape))
    let result = patch.node(
      convolution.op,
      inputs,
      name: convolution.name,
      standingFor: [convolution]
    )
    patch.replace(convolution.outputs[0], with: result)
    patch.remove(convolution)
    _ = try graph.apply(patch)
    let path = folder.path + "/strange.onnx"
    try ONNXWriter.write(graph, to: path, opset: 17) { _ in }
    let job = CalibrateJob(model: path, sources: [Self.images])
    #expect(await Self.id { _ = try await job.run() } == "calibration.not-finite")
  }

  @Test func cachesOfTensorRTAreReadAsTheyAreWritten() async throws {
    let folder = try TemporaryFolder()
    let table = try await CalibrateJob(model: Self.sample, sources: [Self.images]).run()
    let path = folder.path + "/int8.cache"
    try table.writeTensorRTCache(.entropy, to: path)
    let cache = try TensorRTCache(path: path)
    #expect(cache.kind == "EntropyCalibration2" && cache.scales.count == table.entries.count)
    #expect(cache.text == String(decoding: try fileBytes(path), as: UTF8.self))
    // Pictures keep their range: 1 / 127, as a single.
    #expect(cache.scales[0].value == "images" && cache.scales[0].scale == 1 / Float(127))
    // Quantised by it, the network computes in 8 bits.
    var job = QuantizeJob(model: Self.sample, calibration: path)
    job.output = folder.path + "/int8.onnx"
    job.target = .tensorrt
    let result = try await job.run()
    #expect(result.quantizedShare > 0.99 && result.scheme == .symmetric)
    // A cache of another network is refused.
    var other = cache
    for index in other.scales.indices { other.scales[index].value += "x" }
    try AtomicFile.write(other.text, to: path)
    #expect(await Self.id { _ = try await job.run() } == "calibration.other-model")
  }

  /// Whatever bytes: an error with its ID, never a trap.
  @Test func hostileCachesAreErrors() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/int8.cache"
    let text = "TRT-8600-EntropyCalibration2\nimages: 3c010a14\n/model.0/act: 3d5f2a10\n"
    for end in 0...text.utf8.count {
      try AtomicFile.write(Array(text.utf8.prefix(end)), to: path)
      do { _ = try TensorRTCache(path: path) } catch let error as DeployError {
        #expect(error.diagnostics[0].id == "calibration.unreadable")
      }
    }
    let wrong = [
      "TRT-8600-X\nimages 3c010a14", "TRT-8600-X\nimages: 7fc00000", "TRT-8600-X\nimages: bc010a14",
      "TRT-8600-X\nimages: 00000000", "TRT-8600-X\nimages: 3c010a14f", "TRT-8600-X\nimages: zz",
      "TRT-8600-X\na: 3c010a14\na: 3c010a14", "TRT-8600-X", "TRT", "",
    ]
    for text in wrong {
      try AtomicFile.write(text, to: path)
      #expect(throws: DeployError.self, "\(text)") { try TensorRTCache(path: path) }
    }
  }

  /// What is kept is believed only under its key.
  @Test func workFilesBelongToOneRun() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/work"
    var file = WorkFile<Int>(path, key: ["a", "b"])
    #expect(file["x"] == nil)
    try file.keep(7, as: "x")
    #expect(WorkFile<Int>(path, key: ["a", "b"])["x"] == 7)
    #expect(WorkFile<Int>(path, key: ["ab"])["x"] == nil)
    let whole = try fileBytes(path)
    for length in 0..<whole.count {
      try AtomicFile.write(Array(whole[..<length]), to: path)
      #expect(WorkFile<Int>(path, key: ["a", "b"])["x"] == nil)
    }
  }
}
