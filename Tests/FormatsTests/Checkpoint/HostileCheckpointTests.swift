import Formats
import Tensors
import TestSupport
import Testing

/// Damaged files end in success or in one DeployError.
@Suite struct HostileCheckpointTests {
  @Test(arguments: [
    "small.pt", "weights.safetensors", "state_dict.pt", "hostile_system_4.pt", "fortran.npy",
  ])
  func damagedFiles(name: String) throws {
    let bytes = Fixture.bytes(name)
    let mutations = name == "small.pt" ? 2000 : 400
    let summary = try HostileInput(name, bytes: bytes).attack(
      prefixes: name == "small.pt" ? .max : 100,
      mutations: mutations
    ) { input in
      let file = TemporaryFile(input, suffix: ".pt")
      if name.hasSuffix(".npy") {
        _ = try NPYFile.read(path: file.path).floats()
      } else {
        try Self.readEverything(file.path)
      }
    }
    #expect(summary.count > mutations)
    #expect(!summary.refused.isEmpty)
    // A damaged weight is still a weight; a command stays refused.
    #expect((summary.accepted > 0) == !name.hasPrefix("hostile"))
    #expect(summary.peakGrowth < 400 << 20)
  }

  /// Mutations inside the pickle alone reach deeper than those of the archive around it.
  @Test func damagedLegacyPickle() throws {
    let bytes = Array(Fixture.bytes("legacy.pt"))
    _ = try HostileInput("legacy", bytes: bytes).attack(prefixes: 100, mutations: 500) { input in
      let file = TemporaryFile(input, suffix: ".pt")
      try Self.readEverything(file.path)
    }
  }

  private static func readEverything(_ path: String) throws {
    let checkpoint = try CheckpointReader.read(path: path)
    for (_, tensor) in checkpoint.weights { try tensor.withBytes { _ in } }
    if let model = checkpoint.model { try read(model) }
    _ = try CheckpointReader.audit(path: path)
  }

  private static func read(_ module: ModuleRecord) throws {
    for tensor in module.parameters.values { try tensor.withBytes { _ in } }
    for tensor in module.buffers.values { try tensor.withBytes { _ in } }
    for child in module.children { try read(child.module) }
  }
}
