/// What is known to help against what TensorRT says.
enum TensorRTRemedy {
  /// The first remedy whose sign occurs in a text; nil where none is known.
  static func advice(for words: String) -> String? {
    let text = words.lowercased()
    return known.first { entry in entry.signs.allSatisfy(text.contains) }?.remedy
  }

  /// Signs in lower case, all of which must occur.
  private static let known: [(signs: [String], remedy: String)] = [
    (
      ["int32", "quantiz"],
      "leave the bias in float32: quantise activations and weights only, TensorRT fuses the bias"
    ),
    (
      ["no optimization profile"],
      "say the range of the open extents: --profile 1x3x640x640:1x3x640x640:8x3x640x640"
    ),
    (
      ["could not find any implementation"],
      "raise --workspace, or try --level 5; if that does not help, build the part that is named "
        + "here without its quantisation"
    ),
    (
      ["check(status == cuda_success)"],
      "build on a machine with an NVIDIA GPU, or without --refit and --strip-weights, which need "
        + "one while building"
    ),
    (["cudnn_impl", "check(dtype =="], quantizedByOlder),
    (["generateforcurrent"], quantizedByOlder),
    (["libnvinfer_lean"], "leave --version-compatible out, or install TensorRT's lean runtime"),
    (["cuda", "35"], "update the NVIDIA driver, or build on a machine that has a GPU"),
    (["insufficient memory"], "lower --workspace, or close what else uses the GPU"),
    (["out of memory"], "lower --workspace, or close what else uses the GPU"),
    (["buildcancel"], "run the command again to build the plan"),
    (["strongly typed"], "insert casts where element types differ"),
    (["does not support dla"], "leave --dla out: this machine has none"),
  ]

  /// Seen with TensorRT for RTX 1.4.0 on a machine without a GPU; 1.7.1 builds the same networks.
  private static let quantizedByOlder =
    "without a GPU use TensorRT for RTX 1.5 or newer for quantized networks, or build on a machine "
    + "with one"
}
