import Backends
import BackendsONNXRuntime
import Detectors
import Diagnostics
import Formats
import Graphs
import Metrics
import Models
import Reports
import Tensors

/// ONNX file → is it sound, and are its numbers right.
public struct CheckJob: Sendable {
  /// What is fed to both networks.
  public enum Inputs: String, Sendable, CaseIterable {
    /// Uniform numbers in 0..<1 from a seed.
    case random
    /// Pictures, letterboxed as the contract says.
    case pictures
  }

  /// The ONNX file.
  public var model: String
  /// The file that it must be equal to; nil compares it with itself on the reference.
  public var against: String?
  /// What runs the file.
  public var backend = BackendChoice()
  /// What is fed.
  public var inputs = Inputs.random
  /// The pictures, where pictures are fed.
  public var images: [String] = []
  /// The seed of random inputs.
  public var seed: UInt64 = 1
  /// Whether every inner value is compared.
  public var comparesLayers = false
  /// Whether the numbers are left alone.
  public var structureOnly = false
  /// The Python whose PyTorch is asked too.
  public var pytorchPython: String?
  /// Input height and width in pixels where the file leaves them open.
  public var imageSize: [Int]?

  /// Creates a job.
  public init(model: String) { self.model = model }

  /// Checks.
  /// - Throws: what reading and running throw. A check that fails is a result, not an error.
  public func run(progress: ProgressHandler = { _ in }) async throws -> CheckResult {
    var result = CheckResult(model: model, against: against)
    progress(.began(stage: "structure", total: nil))
    let findings = try ONNXChecker.check(path: model)
    result.diagnostics += findings
    let structure = Self.structureCheck(findings)
    result.checks.append(structure)
    progress(.finished(summary: structure.verdict))
    guard !structureOnly, structure.passes else { return result }
    let numbers = try NumberCheck(self)
    try await numbers.run(into: &result, progress: progress)
    return result
  }

  private static func structureCheck(_ findings: [Diagnostic]) -> Check {
    let errors = findings.filter { $0.severity == .error }
    return Check(
      name: "structure",
      passes: errors.isEmpty,
      figures: errors.prefix(20).map { .init($0.id.rawValue, $0.message) },
      verdict: errors.isEmpty ? "sound" : "\(counted(errors.count, "rule")) broken"
    )
  }
}
