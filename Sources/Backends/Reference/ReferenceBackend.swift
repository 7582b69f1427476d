import Diagnostics
public import Graphs

/// Runs a graph by its operators' definitions: clear, exact, slow, and there on every machine.
public struct ReferenceBackend: Backend {
  /// `reference`.
  public static let name = "reference"

  /// Creates the backend.
  public init() {}

  /// Always available.
  public func availability() -> Availability { .available(version: "1") }

  /// Computes the constants and keeps the graph.
  /// - Throws: `backend.unknown-binding` for a tapped value that the graph does not have.
  public func build(
    _ graph: Graph,
    configuration: BuildConfiguration
  ) async throws -> BuildResult {
    let start = ContinuousClock.now
    for name in configuration.tappedValues where graph.value(named: name) == nil {
      throw DeployError(.backendUnknownBinding, "no value is called '\(name)'")
    }
    let plan = ReferencePlan(try graph.materialized(), tapped: Set(configuration.tappedValues))
    return BuildResult(plan: plan, duration: ContinuousClock.now - start)
  }
}
