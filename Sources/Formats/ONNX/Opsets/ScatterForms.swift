import Graphs

/// Scatter: the name of ScatterElements until opset 10. `reduction` came with opset 16 and got
/// `max` and `min` with opset 18.
enum ScatterForms {
  static func lift(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    form.type = "ScatterElements"
  }

  static func lower(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    let reduction = try Attributes(form.attributes).string("reduction", default: "none")
    switch reduction {
    case "none": form.attributes["reduction"] = nil
    case "add", "mul": if context.opset < 16 { throw context.tooOld(form, reduction, needs: 16) }
    default: throw context.tooOld(form, "the reduction \(reduction)", needs: 18)
    }
  }
}
