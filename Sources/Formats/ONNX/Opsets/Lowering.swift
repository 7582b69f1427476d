import Diagnostics
import Graphs

/// The form of opset 21, brought to that of an older operator set.
enum Lowering {
  /// One change of an operator's form.
  struct Rule: Sendable {
    /// Applies when writing operator sets before this one.
    let before: Int
    /// Rewrites the node; may add constants and nodes before it.
    let apply: @Sendable (inout NodeForm, inout ExportContext) throws -> Void
  }

  /// Appends the node, and what its older form needs, to the context.
  static func lower(_ node: NodeForm, _ context: inout ExportContext) throws {
    var form = node
    for rule in rules[form.type] ?? [] where context.opset < rule.before {
      try rule.apply(&form, &context)
    }
    if let since = OperatorSignatures.firstOpset(of: form.type), since > context.opset {
      throw context.tooOld(form, "as an operator", needs: since)
    }
    while form.inputs.last == "" { form.inputs.removeLast() }
    context.append(form)
  }

  private static let always = Int.max

  private static let rules: [String: [Rule]] = {
    var rules: [String: [Rule]] = [:]
    for (names, rule) in table { for name in names { rules[name, default: []].append(rule) } }
    return rules
  }()

  private static var table: [([String], Rule)] {
    [
      (["SiLU", "Silu", "Swish"], Rule(before: always, apply: ActivationForms.lowerSiLU)),
      (["HardSwish"], Rule(before: 14, apply: ActivationForms.lowerHardSwish)),
      (["Mish"], Rule(before: 18, apply: ActivationForms.lowerMish)),
      (["Gelu"], Rule(before: 20, apply: ActivationForms.lowerGelu)),
      (["LayerNormalization"], Rule(before: 17, apply: NormalizationForms.lowerLayer)),
      (["Squeeze", "Unsqueeze", "ReduceSum"], Rule(before: 13, apply: AxesForms.lower)),
      (AxesForms.reductions, Rule(before: 18, apply: AxesForms.lower)),
      (["Split"], Rule(before: always, apply: SplitForms.lower)),
      (["Resize"], Rule(before: 19, apply: ResizeForms.lower)),
      (["Softmax", "LogSoftmax", "Hardmax"], Rule(before: 13, apply: SoftmaxForms.lower)),
      (["Pad"], Rule(before: 18, apply: PadForms.lower)),
      (["BatchNormalization"], Rule(before: 14, apply: BatchNormalizationForms.lower)),
      (["ScatterElements", "ScatterND"], Rule(before: 18, apply: ScatterForms.lower)),
      (["RoiAlign"], Rule(before: 16, apply: SamplingForms.lowerRoiAlign)),
      (["GridSample"], Rule(before: 20, apply: SamplingForms.lowerGridSample)),
      (["Reshape"], Rule(before: 14, apply: DefaultForms.lowerReshape)),
      (["Shape"], Rule(before: 15, apply: DefaultForms.lowerShape)),
      (["Cast", "CastLike"], Rule(before: 19, apply: DefaultForms.lowerCast)),
      (["AveragePool"], Rule(before: 19, apply: DefaultForms.lowerAveragePool)),
      (["QuantizeLinear", "DequantizeLinear"], Rule(before: 21, apply: QuantizationForms.lower)),
    ]
  }
}
