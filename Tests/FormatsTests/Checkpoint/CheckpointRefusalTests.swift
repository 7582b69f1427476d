import Diagnostics
import Formats
import TestSupport
import Testing

/// What is not a readable checkpoint ends in one clear error.
@Suite struct CheckpointRefusalTests {
  static func failure(_ path: String) -> DeployError? {
    do {
      _ = try CheckpointReader.read(path: path)
      return nil
    } catch { return error as? DeployError }
  }

  @Test(arguments: [
    ("torchscript.pt", Diagnostic.ID.checkpointUnsupported),
    ("compressed.pt", .checkpointUnsupported),
    ("quantised.pt", .checkpointUnsupportedTensor),
    ("hostile_laughs.pt", .checkpointTooComplex),
    ("hostile_deep.pt", .checkpointTooComplex),
    ("hostile_cycle.pt", .checkpointNoNetwork),
    ("hostile_dense.pt", .checkpointTensor),
    ("hostile_expanded.pt", .checkpointTooComplex),
  ])
  func fixtures(name: String, id: Diagnostic.ID) throws {
    let error = try #require(Self.failure(Fixture.path(name)))
    #expect(error.id == id)
    #expect(error.diagnostics[0].remedy != nil)
    #expect(error.description.contains(name))
  }

  @Test(arguments: [
    ("", Diagnostic.ID.checkpointEmpty),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", .checkpointPointer),
    ("\n <!DOCTYPE html><html>", .checkpointWebPage),
    ("<HTML><head>", .checkpointWebPage),
    ("PK\u{3}\u{4} and no more of it, as a download that was cut", .checkpointTruncated),
    ("\u{8}\u{7}\u{12}\u{7}pytorch", .checkpointOtherFormat),
    ("ftrt\u{0}\u{0}", .checkpointOtherFormat),
    (String(repeating: "\0", count: 257) + "ustar\000000000", .checkpointUnsupported),
    ("hello", .checkpointUnknown),
  ])
  func firstBytes(text: String, id: Diagnostic.ID) throws {
    let file = TemporaryFile(Array(text.utf8), suffix: ".pt")
    #expect(Self.failure(file.path)?.id == id)
  }

  @Test(arguments: (0...5).map { "hostile_system_\($0).pt" } + ["hostile_plain.pkl"])
  func commandsAreRefusedAndNamed(name: String) throws {
    let error = try #require(Self.failure(Fixture.path(name)))
    #expect(error.id == .checkpointRefusedGlobal)
    #expect(error.diagnostics[0].message.contains("posix.system"))
  }

  @Test(arguments: [
    ("hostile_eval.pt", "__builtin__.eval"),
    ("hostile_getattr.pt", "builtins.getattr"),
    ("hostile_dotted.pt", "torch.serialization.os.system"),
  ])
  func otherWaysToRunCode(name: String, global: String) throws {
    #expect(Self.failure(Fixture.path(name))?.id == .checkpointRefusedGlobal)
    let audit = try CheckpointReader.audit(path: Fixture.path(name))
    #expect(audit.entries.first { $0.treatment == .refused }?.global == global)
  }

  @Test func auditListsEveryGlobal() throws {
    let audit = try CheckpointReader.audit(path: Fixture.path("zip.pt"))
    #expect(audit.protocolVersion == 2)
    let treatments = Dictionary(
      uniqueKeysWithValues: audit.entries.map { ($0.global, $0.treatment) }
    )
    #expect(treatments["torch._utils._rebuild_tensor_v2"] == .data)
    #expect(treatments["models.yolo.Tiny"] == .opaque)
    #expect(!treatments.values.contains(.refused))
    let read = try CheckpointReader.read(path: Fixture.path("zip.pt"))
    #expect(read.audit == audit)
  }

  /// Functions and constructors of no module on any list: what Python would call is refused.
  @Test(arguments: [
    "numpy.f2py.crackfortran/myeval", "torch.jit.unsupported_tensor_ops/execWrapper",
    "numpy.testing._private.utils/runstring", "functools/partial", "yaml/load",
    "PIL.ImageMath/eval", "models.yolo/DetectionModel", "models.yolo/parse_model",
    "models.experimental/attempt_load", "utils.downloads/attempt_download",
    "torchvision.datasets.utils/download_url", "some.module/Class", "builtins/type",
  ])
  func callsAreRefused(global: String) throws {
    let parts = global.split(separator: "/").map(String.init)
    let name = parts.joined(separator: ".")
    // REDUCE, OBJ and INST.
    let get = "c\(parts[0])\n\(parts[1])\n"
    for text in ["\(get)(I1\ntR.", "(\(get)I1\no.", "(I1\ni\(parts[0])\n\(parts[1])\n."] {
      let file = TemporaryFile([0x80, 2] + Array(text.utf8), suffix: ".pt")
      let error = try #require(Self.failure(file.path))
      #expect(error.id == .checkpointRefusedGlobal, "\(text)")
      #expect(error.diagnostics[0].message.contains("'\(name)'"), "\(error)")
    }
  }

  /// Names that reach for a module through another, and a base class that would be called.
  @Test(arguments: [
    "ccollections\n_sys.modules\n.", "ctorch.nn.modules.module\nos\n.", "cpathlib\nos\n.",
    "ccopyreg\n_reconstructor\n(cmodels.yolo\nModel\ncmodels.yolo\nModel\nI1\ntR.",
    // What a call made is called.
    "ccollections\ndeque\n(tR(tR.",
  ])
  func indirectWaysAreRefused(text: String) throws {
    let file = TemporaryFile([0x80, 2] + Array(text.utf8), suffix: ".pt")
    #expect(Self.failure(file.path)?.id == .checkpointRefusedGlobal)
  }

  /// This reader keeps what it does not know; Python is given networks only.
  @Test func pythonIsGivenNetworksOnly() throws {
    let tiny = try CheckpointReader.read(path: Fixture.path("zip.pt"))
    try tiny.checkFitForPython()
    let audit = PickleAudit(
      protocolVersion: 2,
      entries: [.init(global: "somebody.package.Thing", count: 1, treatment: .opaque)]
    )
    func made(_ audit: PickleAudit, _ values: [String]) -> Checkpoint {
      Checkpoint(
        path: "x.pt",
        byteCount: 1,
        container: .zip,
        model: nil,
        modelEntry: nil,
        weights: [],
        entries: [:],
        audit: audit,
        globalsKeptAsValues: values
      )
    }
    let strange = #expect(throws: DeployError.self) { try made(audit, []).checkFitForPython() }
    #expect(strange?.id == .checkpointNotForPython)
    let kept = #expect(throws: DeployError.self) {
      try made(tiny.audit, ["models.yolo.parse_model"]).checkFitForPython()
    }
    #expect(kept?.diagnostics[0].message.contains("models.yolo.parse_model") == true)
  }
}
