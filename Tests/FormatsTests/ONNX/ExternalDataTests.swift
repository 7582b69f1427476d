import Diagnostics
import FoundationEssentials
import Glibc
import Graphs
import SwiftProtobuf
import Tensors
import Testing

@testable import Formats

/// Data files are written, read back, and never taken from outside the model's folder.
@Suite struct ExternalDataTests {
  private let folder: String
  private let model: String

  init() throws {
    var template = Array("/tmp/vitrine-external-XXXXXX".utf8CString)
    _ = mkdtemp(&template)
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    model = folder + "/inside/m.onnx"
    mkdir(folder + "/inside", 0o755)
    var graph = Graph(name: "g")
    let values = (0..<1000).map(Float.init)
    let constant = graph.addConstant("weights", try Tensor(values, shape: [1000]))
    let input = graph.addInput("x", TensorType(.float32, [1000]))
    let sum = try graph.add(Add(), [input, constant], name: "sum")
    graph.markOutput(sum[0], named: "y")
    var options = ONNXWriter.Options()
    options.usesExternalData = true
    try ONNXWriter.write(graph, to: model, options: options)
  }

  private func finish() { try? FileManager.default.removeItem(atPath: folder) }

  @Test func roundTrip() throws {
    defer { finish() }
    let graph = try ONNXReader.read(path: model)
    let tensor = try #require(graph.value(named: "weights")?.constant)
    #expect(try tensor.floats() == (0..<1000).map(Float.init))
    #expect(try ONNXChecker.check(path: model).isEmpty)
  }

  @Test(arguments: ["../m.onnx.data", "/etc/hostname", "a/../../secret", "", "missing", "."])
  func refusesOtherPlaces(_ location: String) throws {
    defer { finish() }
    try relocate(to: location)
    expectRefusal()
  }

  @Test func refusesLinksThatLeadOut() throws {
    defer { finish() }
    rename(model + ".data", folder + "/outside")
    symlink("../outside", model + ".data")
    expectRefusal()
  }

  @Test func refusesShortData() throws {
    defer { finish() }
    truncate(model + ".data", 100)
    expectRefusal()
  }

  private func expectRefusal() {
    let error = #expect(throws: DeployError.self) { try ONNXReader.read(path: model) }
    #expect(error?.id == .onnxExternalData)
    let found = try? ONNXChecker.check(path: model)
    #expect(found?.isEmpty == false)
  }

  private func relocate(to location: String) throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: model)))
    var proto = try Onnx_ModelProto(serializedBytes: bytes)
    for index in proto.graph.initializer[0].externalData.indices
    where proto.graph.initializer[0].externalData[index].key == "location" {
      proto.graph.initializer[0].externalData[index].value = location
    }
    let changed: [UInt8] = try proto.serializedBytes()
    try Data(changed).write(to: URL(filePath: model))
  }
}
