import Formats
import Tensors
import Testing

/// Values come from PyTorch: see Fixtures/Checkpoints/make_fixtures.py.
@Suite struct CheckpointReaderTests {
  @Test(arguments: ["zip.pt", "legacy.pt"])
  func networkOfBothContainers(name: String) throws {
    let checkpoint = try CheckpointReader.read(path: Fixture.path(name))
    #expect(checkpoint.container == (name == "zip.pt" ? .zip : .legacy))
    #expect(checkpoint.modelEntry == "model")
    guard case .int(3)? = checkpoint.entries["epoch"] else { throw Missing("epoch") }
    #expect(checkpoint.entries["ema"] == nil)
    let model = try #require(checkpoint.model)
    #expect(model.className == "models.yolo.Tiny")
    #expect(model.children.map(\.name) == ["conv", "norm"])
    let weight = try #require(model.child("conv")?.parameters["weight"])
    #expect(weight.shape == [3, 2, 1, 1])
    #expect(weight.scalarType == .float32)
    #expect(model.child("conv")?.parameters["bias"] == nil)
    #expect(model.child("norm")?.buffers["num_batches_tracked"]?.scalarType == .int64)
    #expect(try model.buffers["anchors"]?.floats() == [0, 1, 2, 3, 4, 5])
  }

  @Test func containersHoldTheSameBits() throws {
    let models = try ["zip.pt", "legacy.pt", "module_protocol5.pt"].map {
      try #require(try CheckpointReader.read(path: Fixture.path($0)).model)
    }
    let bare = try ["state_dict.pt", "weights.safetensors"].map {
      try CheckpointReader.read(path: Fixture.path($0))
    }
    let expected = try #require(models[0].child("conv")?.parameters["weight"])
    for model in models { #expect(model.child("conv")?.parameters["weight"] == expected) }
    for checkpoint in bare {
      #expect(checkpoint.model == nil)
      #expect(checkpoint.weights.count == 7)
      #expect(checkpoint.weight("conv.weight") == expected)
      #expect(checkpoint.weight("norm.num_batches_tracked")?.shape == [])
    }
    #expect(bare[1].container == .safetensors)
  }

  @Test func averagedWeightsArePreferred() throws {
    let checkpoint = try CheckpointReader.read(path: Fixture.path("ema.pt"))
    #expect(checkpoint.modelEntry == "ema")
    #expect(checkpoint.model?.child("conv")?.parameters["weight"]?.scalarType == .float16)
    #expect(checkpoint.entries.keys.sorted() == ["epoch"])
  }

  @Test(arguments: ["zip.pt", "legacy.pt", "module_protocol5.pt"])
  func attributesArePlainData(name: String) throws {
    let model = try #require(try CheckpointReader.read(path: Fixture.path(name)).model)
    let attributes = model.attributes
    guard case .dictionary(let names)? = attributes["names"], case .int(1) = names[1].key,
      case .string("dog") = names[1].value
    else { throw Missing("names") }
    guard case .tensor(let stride)? = attributes["stride"] else { throw Missing("stride") }
    #expect(try stride.floats() == [8, 16])
    guard case .tuple(let sizes)? = attributes["sizes"], case .float(2.5) = sizes[1],
      case .bool(true) = sizes[2], case .none = sizes[3]
    else { throw Missing("sizes") }
    guard case .set(let tags)? = attributes["tags"], case .string("a") = tags[0] else {
      throw Missing("tags")
    }
    guard case .bytes([0, 255])? = attributes["raw"] else { throw Missing("raw") }
    guard case .int(0x100_0000_0000)? = attributes["wide"] else { throw Missing("wide") }
    guard case .object(let path)? = attributes["path"] else { throw Missing("path") }
    #expect(path.className == "pathlib.PurePosixPath")
    guard case .string("train")? = path.arguments.last else { throw Missing("path parts") }
    guard case .tensor(let array)? = attributes["array"] else { throw Missing("array") }
    #expect(array.shape == [2, 2])
    #expect(try array.floats() == [1, 2, 3, 4])
    guard case .float(0.25)? = attributes["number"] else { throw Missing("number") }
  }

  @Test func everyElementTypeAndLayout() throws {
    let checkpoint = try CheckpointReader.read(path: Fixture.path("tensors.pt"))
    let base = (0..<24).map(Float.init)
    for type in ScalarType.allCases where type != .bool {
      let tensor = try #require(
        checkpoint.weight(type == .float32 ? "whole" : type.rawValue)
      )
      #expect(tensor.scalarType == type)
      #expect(tensor.shape == [2, 3, 4])
      #expect(try tensor.floats() == base)
    }
    #expect(try checkpoint.weight("bool")?.scalars(of: Bool.self) == base.map { $0 > 5 })
    #expect(try checkpoint.weight("scalar")?.floats() == [2.5])
    #expect(checkpoint.weight("none")?.shape == [0, 4])
    #expect(try checkpoint.weight("row")?.floats() == [20, 21, 22, 23])
    #expect(try checkpoint.weight("parameter")?.floats() == Array(base[..<12]))
    let transposed = try #require(checkpoint.weight("transposed"))
    #expect(transposed.shape == [4, 2, 3])
    #expect(try transposed.floats().prefix(7) == [0, 4, 8, 12, 16, 20, 1])
    let sliced = try #require(checkpoint.weight("sliced"))
    #expect(try sliced.floats() == [4, 6, 8, 10, 16, 18, 20, 22])
    let expanded = try #require(checkpoint.weight("expanded"))
    #expect(expanded.shape == [3, 2, 4])
    #expect(try expanded.floats().prefix(9) == [1, 1, 1, 1, 2, 2, 2, 2, 1])
  }

  /// A value that is absent or of the wrong kind.
  struct Missing: Error {
    let name: String
    init(_ name: String) { self.name = name }
  }
}
