import Formats
import Tensors
import Testing

@Suite("What TensorRT's builder logs of its layers")
struct EngineLogTests {
  private let log = """
    Layers:
    Name: __myl_CorrSilu_myl0_1, LayerType: runtime_fusion, Inputs: [ { Name: a, b, Dimensions: [1,4,8,8], \
    Strides: [256,1,32,4], Datatype: Half, Format: (NHWC) Channel major }], Constants: [ { Name: c, \
    Dimensions: [16,4,3,3], Datatype: Half, Format: x }], Outputs: [ { Name: d, Dimensions: [1,16,8,8], \
    Datatype: Half, Format: x }], TacticName: sm80_x, StreamId: 0, Metadata: [ONNX Layer: /model.0/Conv]\
    [ONNX Layer: odd]name]
    Name: wait_1, LayerType: wait, Inputs: [], Constants: [], Outputs: [], TacticName: , StreamId: 0, EventId: 1, \
    Metadata:

    Bindings:
    images
    output0
    """

  @Test func layersAndBindings() throws {
    let engine = EngineDescription.parse(log: log)
    #expect(engine.bindings == ["images", "output0"])
    #expect(engine.layers.map(\.name) == ["__myl_CorrSilu_myl0_1", "wait_1"])
    let layer = engine.layers[0]
    #expect(layer.kind == "runtime_fusion" && layer.tactic == "sm80_x")
    #expect(layer.inputs.map(\.extents) == [[1, 4, 8, 8]])
    #expect(layer.outputs.map(\.extents) == [[1, 16, 8, 8]])
    #expect(layer.scalarType == .float16)
    #expect(layer.weightByteCount == 16 * 4 * 3 * 3 * 2)
    #expect(layer.sourceNodes == ["/model.0/Conv", "odd]name"])
    #expect(engine.layers[1].sourceNodes.isEmpty && engine.layers[1].inputs.isEmpty)
  }

  @Test func nothingOfItTraps() {
    for count in 0..<log.utf8.count {
      let text = String(decoding: Array(log.utf8.prefix(count)), as: UTF8.self)
      _ = EngineDescription.parse(log: text).layers.map(\.sourceNodes)
    }
    #expect(EngineDescription.parse(log: "Name: ").layers.count == 1)
  }
}
