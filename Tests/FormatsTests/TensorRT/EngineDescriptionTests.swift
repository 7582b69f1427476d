import Diagnostics
import Files
import Formats
import Tensors
import TestSupport
import Testing

private let folder = SharedData.checkout + "/Tests/FormatsTests/Fixtures/tensorrt/"

@Suite("TensorRT's layer information and times")
struct EngineDescriptionTests {
  @Test("Releases 8 to 10: layers with what they read, write, weigh and come from")
  func ten() throws {
    let engine = try EngineDescription.read(path: folder + "layers-10.json")
    #expect(engine.spelling == "8.x to 10.x")
    #expect(engine.bindings == ["images", "features"])
    #expect(engine.layers.map(\.kind) == ["Reformat", "CaskConvolution", "kgen"])
    let convolution = engine.layers[1]
    #expect(convolution.scalarType == .float16)
    #expect(convolution.inputs[0].byteCount == Int64(3 * 32 * 32 * 2))
    #expect(convolution.weightByteCount == 432)
    // 8·16·16 outputs of 3·3·3 multiply-adds each.
    #expect(convolution.operations == Int64(2 * 8 * 16 * 16 * 27))
    #expect(convolution.metadata.contains("[ONNX Layer: squash]"))
    #expect(engine.layers[0].inputs[0].scalarType == .float32)
  }

  @Test("Release 11: tensors under their new key, open extents left unknown")
  func eleven() throws {
    let engine = try EngineDescription.read(path: folder + "layers-11.json")
    #expect(engine.spelling == "11.x")
    #expect(engine.bindings == ["images", "features"])
    #expect(engine.layers[0].inputs[0].scalarType == .float32)
    #expect(engine.layers[0].outputs[0].scalarType == .float16)
    #expect(engine.layers[0].outputs[0].byteCount == nil)
  }

  @Test("Without detailed verbosity, layers are names")
  func names() throws {
    let engine = try EngineDescription.read(path: folder + "layers-names.json")
    #expect(engine.layers.map(\.name) == ["first + PWN(PWN(squash), product)", "second + sum"])
    #expect(engine.layers.allSatisfy { $0.kind.isEmpty && $0.scalarType == nil })
  }

  @Test("Times are medians where the release tells them, else means")
  func times() throws {
    let new = try EngineTimes.read(path: folder + "times-10.json")
    #expect(new.runCount == 40 && new.areMedians)
    #expect(new.layers.map(\.milliseconds) == [0.009, 0.05, 0.031])
    let old = try EngineTimes.read(path: folder + "times-old.json")
    #expect(old.runCount == 8 && !old.areMedians)
    #expect(old.layers.map(\.milliseconds) == [0.5, 0.25])
  }

  @Test(
    "What is no export is refused with the reason",
    arguments: [
      "", "[]", "{}", "{\"Layers\": 3}", "{\"Layers\": [7]}", "{\"Layers\": [{}]}", "null",
      "{\"Layers\": [\"a\"",
    ]
  )
  func notLayers(text: String) {
    expectMalformed({ try EngineDescription.parse($0) }, of: text)
  }

  @Test(
    "Times below zero, missing or without an end are refused",
    arguments: [
      "{}", "[]", "[{\"count\": 3}]", "[{\"name\": \"a\"}]",
      "[{\"name\": \"a\", \"medianMs\": -1}]",
      "[{\"name\": \"a\", \"medianMs\": 1e999}]", "[{\"name\": \"a\", \"medianMs\": 1}",
    ]
  )
  func notTimes(text: String) {
    expectMalformed({ try EngineTimes.parse($0) }, of: text)
  }

  @Test("Extents and weights beyond all memory overflow nothing")
  func extremes() throws {
    let text = """
      {"Layers": [{"Name": "a", "ParameterType": "Convolution", "OutMaps": 1,
        "Weights": {"Type": "Half", "Count": 9223372036854775807},
        "Inputs": [{"Name": "x", "Dimensions": [9223372036854775807, 9], "Format/Datatype": "Half"}],
        "Outputs": [{"Name": "y", "Dimensions": [4611686018427387904, 4], "Format/Datatype": "Half"}]}]}
      """
    let engine = try Array(text.utf8).withUnsafeBytes { try EngineDescription.parse($0) }
    #expect(engine.layers[0].inputs[0].byteCount == nil)
    #expect(engine.layers[0].operations == nil)
    #expect(engine.layers[0].weightByteCount == 0)
  }

  @Test(
    "Damaged files end in an error or a value",
    arguments: ["layers-10", "layers-11", "times-10"]
  )
  func hostile(name: String) throws {
    let file = try MappedFile(path: folder + name + ".json")
    let summary = try HostileInput(name, bytes: Array(file.bytes)).attack(mutations: 1000) {
      bytes in
      try bytes.withUnsafeBytes {
        if name.hasPrefix("times") {
          _ = try EngineTimes.parse($0)
        } else {
          _ = try EngineDescription.parse($0)
        }
      }
    }
    #expect(summary.refused[.tensorRTMalformed, default: 0] > 100)
  }

  private func expectMalformed(
    _ read: (UnsafeRawBufferPointer) throws -> some Any,
    of text: String
  ) {
    #expect {
      _ = try Array(text.utf8).withUnsafeBytes { try read($0) }
    } throws: {
      ($0 as? DeployError)?.id == .tensorRTMalformed
    }
  }
}
