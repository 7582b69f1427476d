import Diagnostics

extension ModelCheck {
  /// The rules that concern a node alone: its operator, operands, results, attributes.
  mutating func checkForm(_ node: Onnx_NodeProto, at place: Diagnostic.Location) {
    if node.opType.isEmpty { return report(.onnxIncomplete, "has no operator", at: place) }
    if node.input.isEmpty, node.output.isEmpty {
      report(.onnxOperandCount, "has neither operands nor results", at: place)
    }
    for attribute in node.attribute { checkAttribute(attribute, at: place) }
    let domain = node.domain == "ai.onnx" ? "" : node.domain
    guard let opset = opsets[domain] else {
      guard missingDomains.insert(domain).inserted else { return }
      return report(
        .onnxMissingOpset,
        "no operator set of domain '\(domain)' is imported",
        at: place
      )
    }
    guard domain.isEmpty else { return }
    guard let signature = OperatorSignatures.signature(of: node.opType, opset: opset) else {
      return report(
        .onnxUnknownOperator,
        "operator set \(opset) has no operator \(node.opType)",
        at: place
      )
    }
    if signature.isDeprecated {
      report(
        .onnxUnknownOperator,
        "operator \(node.opType) is deprecated in operator set \(opset)",
        at: place
      )
      return
    }
    checkValues(node.input, signature.operands, "operands", at: place)
    checkValues(node.output, signature.results, "results", at: place)
    checkAttributes(node, signature, at: place)
  }

  private mutating func checkValues(
    _ names: [String],
    _ parameters: [OperatorSignature.Parameter],
    _ kind: String,
    at place: Diagnostic.Location
  ) {
    let counts = OperatorSignature.counts(parameters)
    if !counts.contains(names.count) {
      let most = counts.upperBound == .max ? "or more" : "to \(counts.upperBound)"
      report(
        .onnxOperandCount,
        "has \(names.count) \(kind), not \(counts.lowerBound) \(most)",
        at: place
      )
    }
    for (name, parameter) in zip(names, parameters) where name.isEmpty && parameter == .single {
      report(.onnxOperandCount, "leaves out one of its required \(kind)", at: place)
    }
  }

  private mutating func checkAttributes(
    _ node: Onnx_NodeProto,
    _ signature: OperatorSignature,
    at place: Diagnostic.Location
  ) {
    var given: Set<String> = []
    for attribute in node.attribute {
      let name = attribute.name
      if !given.insert(name).inserted {
        report(.onnxInvalidAttribute, "attribute '\(name)' is given twice", at: place)
      }
      guard let rule = signature.attributes[name] else {
        if !name.hasPrefix("__") {
          report(
            .onnxInvalidAttribute,
            "\(node.opType) has no attribute '\(name)'",
            at: place
          )
        }
        continue
      }
      let type = Self.code(of: attribute.type)
      if attribute.hasType, type != rule.type {
        report(
          .onnxInvalidAttribute,
          "attribute '\(name)' has type \(type), not \(rule.type)",
          at: place
        )
      }
    }
    for (name, rule) in signature.attributes where rule.isRequired && !given.contains(name) {
      report(
        .onnxInvalidAttribute,
        "\(node.opType) needs the attribute '\(name)'",
        at: place
      )
    }
  }

  private mutating func checkAttribute(
    _ attribute: Onnx_AttributeProto,
    at place: Diagnostic.Location
  ) {
    if attribute.name.isEmpty {
      report(.onnxInvalidAttribute, "an attribute has no name", at: place)
    }
    guard attribute.hasType || model.irVersion < 2 else {
      return report(
        .onnxInvalidAttribute,
        "attribute '\(attribute.name)' states no type",
        at: place
      )
    }
    let fields = Self.fields(of: attribute)
    if fields.count > 1 || fields.contains(where: { $0 != Self.code(of: attribute.type) }) {
      report(
        .onnxInvalidAttribute,
        "attribute '\(attribute.name)' has other fields than its type says",
        at: place
      )
    }
    if attribute.hasT { checkTensor(attribute.t, at: place) }
  }

  private static func fields(of attribute: Onnx_AttributeProto) -> [String] {
    var fields: [String] = []
    if attribute.hasF { fields.append("f") }
    if attribute.hasI { fields.append("i") }
    if attribute.hasS { fields.append("s") }
    if attribute.hasT { fields.append("t") }
    if attribute.hasG { fields.append("g") }
    if attribute.hasSparseTensor { fields.append("st") }
    if attribute.hasTp { fields.append("tp") }
    if !attribute.floats.isEmpty { fields.append("fs") }
    if !attribute.ints.isEmpty { fields.append("is") }
    if !attribute.strings.isEmpty { fields.append("ss") }
    if !attribute.tensors.isEmpty { fields.append("ts") }
    if !attribute.graphs.isEmpty { fields.append("gs") }
    return fields
  }

  private static func code(of type: Onnx_AttributeProto.AttributeType) -> String {
    switch type {
    case .float: "f"
    case .int: "i"
    case .string: "s"
    case .tensor: "t"
    case .graph: "g"
    case .floats: "fs"
    case .ints: "is"
    case .strings: "ss"
    case .tensors: "ts"
    case .graphs: "gs"
    case .sparseTensor: "st"
    case .typeProto: "tp"
    default: "undefined"
    }
  }
}
