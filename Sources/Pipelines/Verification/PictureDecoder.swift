import Detectors
import Graphs
import Tensors

/// Outputs of one picture → detections in source pixels, for checks (not the hot path).
struct PictureDecoder {
  let contract: ModelContract
  var suppression = Detectors.NonMaxSuppression()

  /// From which confidence on there are detections.
  var confidenceThreshold: Float { suppression.confidenceThreshold }

  func detections(
    in outputs: [String: Tensor],
    _ geometry: Letterbox.Geometry
  ) throws -> [Detection] {
    let buffers = try outputs.keys.sorted().compactMap { name -> TensorBuffer? in
      guard let tensor = outputs[name] else { return nil }
      let buffer = TensorBuffer(shape: tensor.shape, scalarType: tensor.scalarType)
      try buffer.copy(tensor)
      return buffer
    }
    let candidates = try HeadDecoder(contract: contract).candidates(
      in: buffers,
      inputWidth: geometry.inputWidth,
      inputHeight: geometry.inputHeight,
      suppression: suppression
    )
    let kept = contract.head == .end2end ? candidates : suppression.select(from: candidates)
    return kept.map {
      Detection(
        box: geometry.sourceBox($0.box),
        classIndex: Int($0.classIndex),
        confidence: $0.confidence
      )
    }
  }
}
