import Graphs
import Tensors

/// Attributes that older operator sets lack: left out where they say nothing.
enum DefaultForms {
  /// `allowzero` came with opset 14.
  static func lowerReshape(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    if let flag = try form.takeInt("allowzero"), flag != 0 {
      throw context.tooOld(form, "allowzero", needs: 14)
    }
  }

  /// `start` and `end` came with opset 15; before, the shape is sliced.
  static func lowerShape(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    let start = try form.takeInt("start") ?? 0
    let end = try form.takeInt("end")
    guard start != 0 || end != nil else { return }
    let whole = context.freshNode("Shape", form.inputs, named: form.name + ".whole")
    let starts = try context.freshIntegers(form.name + ".start", [start])
    let ends = try context.freshIntegers(form.name + ".end", [end ?? Int(Int32.max)])
    form.type = "Slice"
    form.inputs = [whole, starts, ends]
  }

  /// `saturate` concerns 8-bit floats, which came with opset 19.
  static func lowerCast(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    form.attributes["saturate"] = nil
  }

  /// `dilations` came with opset 19.
  static func lowerAveragePool(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    if let dilations = try form.takeInts("dilations"), dilations.contains(where: { $0 != 1 }) {
      throw context.tooOld(form, "with dilations", needs: 19)
    }
  }
}
