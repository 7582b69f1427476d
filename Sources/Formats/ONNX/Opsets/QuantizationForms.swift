import Graphs
import Tensors

/// QuantizeLinear and DequantizeLinear: `axis` came with opset 13, `saturate` with 19,
/// `block_size` and `output_dtype` with 21.
enum QuantizationForms {
  static func lower(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    if let size = try form.takeInt("block_size"), size != 0 {
      throw context.tooOld(form, "in blocks", needs: 21)
    }
    let target = try form.takeInt("output_dtype") ?? 0
    if target != 0, form.input(2) == nil, target != Int(ONNXScalarType.code(of: .uint8)) {
      // Older forms take the element type from the zero point.
      throw context.tooOld(form, "without a zero point", needs: 21)
    }
    if context.opset < 19 { form.attributes["saturate"] = nil }
    guard context.opset < 13, form.attributes["axis"] != nil else { return }
    let scale = form.input(1).flatMap { context.type(of: $0) }
    guard let count = scale?.shape?.count, count == 1 else {
      throw context.tooOld(form, "per channel", needs: 13)
    }
    form.attributes["axis"] = nil
  }
}
