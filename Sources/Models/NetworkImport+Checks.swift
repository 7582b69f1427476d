import Diagnostics
import Formats
import Graphs

extension NetworkImport {
  private static let largestSide = 16_384
  private static let largestBatch = 4096

  /// Refuses options that this network cannot have.
  func check() throws {
    guard (1...Self.largestBatch).contains(options.batch) else {
      throw DeployError(
        .modelInvalidBatch,
        "batch is \(options.batch), not between 1 and \(Self.largestBatch)",
        at: .option("--batch")
      )
    }
    if head == nil || head?.kind == .segment {
      let hasForm = options.head == .decoded || (head != nil && options.head == .raw)
      guard hasForm else {
        throw DeployError(
          .modelUnsupportedHead,
          "a \(head == nil ? "classification" : "segmentation") network has no "
            + "\(options.head.rawValue) form",
          at: .option("--head"),
          remedy: "use --head decoded"
        )
      }
    }
    let suppression = options.suppression
    guard (0...1).contains(suppression.confidence), (0...1).contains(suppression.overlap),
      (1...100_000).contains(suppression.maximumDetections)
    else {
      throw DeployError(
        .modelInvalidThreshold,
        "confidence \(suppression.confidence), overlap \(suppression.overlap) or "
          + "\(suppression.maximumDetections) detections is out of range",
        remedy: "use thresholds between 0 and 1 and at most 100,000 detections"
      )
    }
  }

  /// Refuses a picture size that does not divide into cells.
  func checkSize(_ stride: Int) throws {
    guard size.count == 2, size.allSatisfy({ (1...Self.largestSide).contains($0) }) else {
      throw invalidSize(
        "is not a height and a width of at most \(Self.largestSide)",
        "give a smaller size, such as --imgsz 640"
      )
    }
    guard size.allSatisfy({ $0 % stride == 0 }) else {
      let nearest = size.map { max(stride, ($0 + stride / 2) / stride * stride) }
      throw invalidSize(
        "is not a multiple of the largest stride, \(stride)",
        "use --imgsz \(nearest[0]) \(nearest[1])"
      )
    }
  }

  private func invalidSize(_ problem: String, _ remedy: String) -> DeployError {
    let text = size.map(String.init).joined(separator: " × ")
    return DeployError(
      .modelInvalidImageSize,
      "image size \(text) \(problem)",
      at: .option("--imgsz"),
      remedy: remedy
    )
  }

  /// Tells where the training used another size.
  func trainedSizeNote() -> [Diagnostic] {
    guard let value = checkpoint.entries["opt"]?["imgsz"] ?? checkpoint.entries["opt"]?["img_size"]
    else { return [] }
    let trained = value.integer ?? value.integers?.first
    guard let trained, (1...Self.largestSide).contains(trained), size.max() != trained else {
      return []
    }
    return [
      Diagnostic(
        .note,
        .modelTrainedSize,
        "trained at \(trained) px, imported at \(size[0]) × \(size[1])",
        remedy: "pass --imgsz \(trained) \(trained) for the size of the training"
      )
    ]
  }
}
