import Diagnostics
import Graphs

/// Older forms of operators, brought to the form of opset 21.
enum Lifting {
  /// One change of an operator's form.
  struct Rule: Sendable {
    /// Applies to nodes of operator sets before this one.
    let before: Int
    /// Rewrites the node; may add constants and nodes before it.
    let apply: @Sendable (inout NodeForm, inout ImportContext) throws -> Void
  }

  /// Operators that exist only until they are lifted.
  static let replaced: Set<String> = ["Upsample", "Scatter", "Dropout"]

  static func lift(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    for rule in rules[form.type] ?? [] where context.opset < rule.before {
      try rule.apply(&form, &context)
    }
  }

  /// Every operator set.
  static let always = Int.max

  private static let rules: [String: [Rule]] = {
    var rules: [String: [Rule]] = [:]
    for (names, rule) in table { for name in names { rules[name, default: []].append(rule) } }
    return rules
  }()

  private static var table: [([String], Rule)] {
    [
      (["Slice"], Rule(before: 10, apply: SliceForms.lift)),
      (["Squeeze", "Unsqueeze", "ReduceSum"], Rule(before: 13, apply: AxesForms.lift)),
      (AxesForms.reductions, Rule(before: 18, apply: AxesForms.lift)),
      (["Clip"], Rule(before: 11, apply: ClipForms.lift)),
      (["Pad"], Rule(before: 11, apply: PadForms.lift)),
      (["Dropout"], Rule(before: always, apply: DropoutForms.lift)),
      (["TopK"], Rule(before: 10, apply: TopKForms.lift)),
      (["Upsample"], Rule(before: always, apply: ResizeForms.liftUpsample)),
      (["Resize"], Rule(before: 11, apply: ResizeForms.liftResize10)),
      (["Softmax", "LogSoftmax", "Hardmax"], Rule(before: 13, apply: SoftmaxForms.lift)),
      (["BatchNormalization"], Rule(before: always, apply: BatchNormalizationForms.lift)),
      (["Split"], Rule(before: 18, apply: SplitForms.lift)),
      (["Scatter"], Rule(before: always, apply: ScatterForms.lift)),
      (["RoiAlign"], Rule(before: 16, apply: SamplingForms.liftRoiAlign)),
      (["GridSample"], Rule(before: 20, apply: SamplingForms.liftGridSample)),
      (["GroupNormalization"], Rule(before: 21, apply: NormalizationForms.liftGroup)),
    ]
  }
}
