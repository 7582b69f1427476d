import Graphs
import Tensors

extension HeadDecoder {
  /// Reads the mask coefficients of a candidate's anchor.
  /// - Throws: `detector.head-mismatch` when the outputs do not fit the contract.
  func readCoefficients(
    of candidate: Candidate,
    in outputs: [TensorBuffer],
    _ frame: Frame,
    into coefficients: inout [Float]
  ) throws {
    coefficients.removeAll(keepingCapacity: true)
    guard let place = place(of: Int(candidate.anchor), in: outputs, frame) else { return }
    for index in 0..<maskCount {
      let element = place.start + (5 + classCount + index) * place.channelStep
      coefficients.append(try value(element, of: place.output))
    }
  }

  private struct Place {
    let output: TensorBuffer
    /// The element of the anchor's first channel.
    let start: Int
    let channelStep: Int
  }

  private func place(of anchor: Int, in outputs: [TensorBuffer], _ frame: Frame) -> Place? {
    switch head {
    case .decoded:
      let found = outputs.first { $0.shape.rank == 3 && $0.shape[2] == channelCount }
      guard let output = found, frame.image < output.shape[0], anchor < output.shape[1] else {
        return nil
      }
      let row = frame.image * output.shape[1] + anchor
      return Place(output: output, start: row * channelCount, channelStep: 1)
    case .raw:
      var first = 0
      for level in levels {
        let cellCount = frame.cellCount(level)
        let count = level.anchors.count * cellCount
        defer { first += count }
        guard anchor < first + count else { continue }
        guard let output = outputs.first(where: { matches($0.shape, level, frame) }) else {
          return nil
        }
        let (index, cell) = ((anchor - first) / cellCount, (anchor - first) % cellCount)
        let block = (frame.image * level.anchors.count + index) * cellCount * channelCount
        let isInterleaved = output.shape.rank == 5
        return Place(
          output: output,
          start: block + cell * (isInterleaved ? channelCount : 1),
          channelStep: isInterleaved ? 1 : cellCount
        )
      }
      return nil
    case .end2end: return nil
    }
  }

  private func value(_ element: Int, of output: TensorBuffer) throws -> Float {
    switch output.scalarType {
    case .float32: try output.withScalars(of: Float.self) { $0[element] }
    case .float16: try output.withScalars(of: Float16.self) { Float($0[element]) }
    default: throw unsuitable(output)
    }
  }
}
