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
    (["cuda", "35"], "update the NVIDIA driver, or build on a machine that has a GPU"),
    (["insufficient memory"], "lower --workspace, or close what else uses the GPU"),
    (["out of memory"], "lower --workspace, or close what else uses the GPU"),
    (["buildcancel"], "run the command again to build the plan"),
    (["strongly typed"], "insert casts where element types differ"),
    (["does not support dla"], "leave --dla out: this machine has none"),
  ]
}
