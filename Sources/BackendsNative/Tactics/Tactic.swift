import Graphs
import Tensors

/// One implementation of a convolution.
struct Tactic: Sendable, Hashable, Codable {
  var kind: ConvolutionWork.Kind
  /// Vectors of 16 output channels that a kernel computes at once.
  var blockVectors: Int

  /// In caches and explanations.
  var name: String {
    switch kind {
    case .winograd: "winograd 4x4"
    case .depthwise: "depthwise"
    case .oneDNN: "onednn"
    case .dense: "direct \(16 * blockVectors)"
    }
  }
}

/// What a convolution's time depends on: layers of one signature have one tactic.
struct TacticSignature: Sendable, Hashable {
  let text: String

  init(_ work: ConvolutionWork, _ source: Surface) {
    let kernel = work.kernel.map(String.init).joined(separator: "x")
    let strides = work.strides.map(String.init).joined(separator: "x")
    let pads = work.pads.map(String.init).joined(separator: "x")
    let dilations = work.dilations.map(String.init).joined(separator: "x")
    text =
      "\(source.element.name) \(source.pictures)x\(work.inputChannels)x\(source.height)x"
      + "\(source.width) k\(kernel) s\(strides) p\(pads) d\(dilations) → \(work.outputChannels)"
      + " a\(work.activation.code) r\(work.residualOrder)"
      // A group's part of the channels has other implementations than all of them.
      + (source.channels == work.inputChannels ? "" : " of \(source.channels)")
  }
}
