public import Graphs

/// An optimised, immutable, shareable network (TensorRT: `ICudaEngine`).
public protocol Plan: Sendable {
  /// What it takes, gives and runs.
  var info: PlanInfo { get }
  /// Allocates memory for one caller at a time (TensorRT: `IExecutionContext`).
  func makeSession() throws -> sending any Session
}

/// What a plan takes, gives and runs.
public struct PlanInfo: Sendable {
  /// The backend's name.
  public let backend: String
  /// The inputs in order.
  public let inputs: [Binding]
  /// The outputs in order.
  public let outputs: [Binding]
  /// Executable layers in order, each with the graph nodes it stands for; empty where the
  /// engine does not tell.
  public let layers: [LayerInfo]
  /// What a user of the network must know.
  public let contract: ModelContract?
  /// Whether the layers that observers see tell by their provenance which nodes of the built graph
  /// they stand for, all of them.
  public let layersNameEveryNode: Bool
  /// Where values lie while it runs; nil where the engine does not tell, or where that depends on
  /// shapes that are not known.
  public let memory: PlanMemory?

  /// Creates the description of a plan.
  public init(
    backend: String,
    inputs: [Binding],
    outputs: [Binding],
    layers: [LayerInfo],
    contract: ModelContract?,
    layersNameEveryNode: Bool = false,
    memory: PlanMemory? = nil
  ) {
    self.memory = memory
    self.backend = backend
    self.inputs = inputs
    self.outputs = outputs
    self.layers = layers
    self.contract = contract
    self.layersNameEveryNode = layersNameEveryNode
  }
}

/// A named input or output of a plan.
public struct Binding: Sendable, Hashable {
  /// The name in the graph.
  public let name: String
  /// The type; symbolic dimensions are chosen by the caller (inputs) or the run (outputs).
  public let type: TensorType
  /// Creates a binding.
  public init(name: String, type: TensorType) {
    self.name = name
    self.type = type
  }
}

/// One executable step of a plan.
public struct LayerInfo: Sendable, Hashable, Codable {
  /// The engine's name for it.
  public let name: String
  /// The implementation that runs, in the engine's words.
  public let tactic: String
  /// What in the source it stands for.
  public let provenance: Provenance
  /// Creates a layer description.
  public init(name: String, tactic: String, provenance: Provenance) {
    self.name = name
    self.tactic = tactic
    self.provenance = provenance
  }
}
