import Backends
import Graphs

/// A plan's passport: what it was built from, how, by what and for what.
struct PlanManifest: Codable, Sendable {
  /// One executable layer.
  struct Layer: Codable, Sendable {
    var name: String
    var kind: String
    var tactic: String
    var precision: String
    var provenance: Provenance
  }
  /// An input or output.
  struct Port: Codable, Sendable {
    var name: String
    var type: TensorType
    var binding: Binding { Binding(name: name, type: type) }
  }

  var schemaVersion = 1
  /// `tensorrt` or `tensorrt-rtx`.
  var backend: String
  /// The library's release, such as `1.7.1`.
  var release: String
  /// This program's version.
  var writer = "vitrine 0.1.0"
  var source: PlanSource
  /// The engine's size and SHA-256.
  var engineByteCount: Int
  var engineDigest: String
  /// Compute capabilities that the engine runs on, in words; empty where the header does not tell.
  var targets: String
  var options: PlanBuildOptions
  var inputs: [Port]
  var outputs: [Port]
  var contract: ModelContract?
  var layers: [Layer]
  /// Layers by the element type that they compute in, as the builder reports it.
  var executedPrecisions: [String: Int]
  var buildMilliseconds: Double
  /// What was measured with the plan later; nil until then.
  var measuredMeanAveragePrecision: Double?
  var measuredMilliseconds: Double?

  /// What a plan of this passport takes, gives and runs.
  var info: PlanInfo {
    PlanInfo(
      backend: backend,
      inputs: inputs.map(\.binding),
      outputs: outputs.map(\.binding),
      layers: layers.map { layer in
        let tactic = [layer.kind, layer.tactic].filter { !$0.isEmpty }.joined(separator: " ")
        return LayerInfo(name: layer.name, tactic: tactic, provenance: layer.provenance)
      },
      contract: contract
    )
  }

  /// Whether its numbers can be worked with.
  var isSound: Bool {
    schemaVersion == 1 && engineByteCount > 0 && contract?.isSound != false && !inputs.isEmpty
      && (inputs + outputs).allSatisfy { port in
        port.type.rank <= 8
          && port.type.dimensions.allSatisfy { ($0.value ?? 1) >= 0 && ($0.value ?? 1) < 1 << 31 }
      }
  }
}
