public import Backends
import Diagnostics
public import Graphs

/// Picture → centre square → session → softmax. A value, as ``Detector`` is.
public struct Classifier: Sendable {
  /// The network.
  public let plan: any Plan
  /// What is known about the network.
  public let contract: ModelContract
  /// Height and width of the network's input in pixels: [H, W].
  public let inputSize: [Int]
  let input: Binding

  /// Creates a classifier.
  /// - Parameters:
  ///   - contract: what is known about the network; nil takes the plan's.
  ///   - imageSize: [H, W] in pixels; nil takes the contract's. Plans of fixed size have their own.
  /// - Throws: `detector.wrong-task`, `detector.unsuitable-input`, `detector.invalid-size`.
  public init(plan: any Plan, contract: ModelContract? = nil, imageSize: [Int]? = nil) throws {
    guard let known = contract ?? plan.info.contract, known.task == .classify else {
      throw DeployError(
        .detectorWrongTask,
        "the network finds objects; it does not classify whole pictures",
        remedy: "give a classification model"
      )
    }
    input = try Detector.pictureInput(of: plan.info)
    guard input.type.dimensions[0].value ?? 1 == 1 else {
      throw DeployError(
        .detectorUnsuitableInput,
        "the network takes \(input.type), not one picture at a time",
        remedy: "export it with a batch of 1 or a dynamic batch"
      )
    }
    let wanted = imageSize ?? known.inputSize
    guard wanted.count == 2, wanted.allSatisfy({ (1...1 << 16).contains($0) }) else {
      throw DeployError(
        .detectorInvalidSize,
        "\(wanted) is no height and width",
        remedy: "give a size such as 224 224"
      )
    }
    let fixed = input.type.dimensions[2...].map(\.value)
    inputSize = [fixed[0] ?? wanted[0], fixed[1] ?? wanted[1]]
    self.plan = plan
    self.contract = known
  }

  /// Makes the memory for one caller: a session of the plan and the buffers around it.
  public func makeSession() throws -> ClassificationSession {
    ClassificationSession(self, try plan.makeSession())
  }
}
