import Datasets
import Diagnostics

/// Which class of a data set a model's class is.
struct ClassMap: Sendable {
  /// The data set's class index by the model's; nil where the data set has none such.
  let indices: [Int?]
  let diagnostics: [Diagnostic]

  /// Matches classes: by order where all names agree or as many are unknown, by name where the
  /// data set's names are all among the model's.
  /// - Throws: `val.classes-differ`.
  init(model: [String], dataset: Dataset) throws {
    let names = dataset.classNames
    let same = zip(model, names).allSatisfy { Self.plain($0) == Self.plain($1) }
    if model.count == names.count, same {
      indices = names.indices.map { $0 }
      diagnostics = []
      return
    }
    let known = Dictionary(
      model.enumerated().map { (Self.plain($1), $0) },
      uniquingKeysWith: { first, _ in first }
    )
    let places = names.map { known[Self.plain($0)] }
    if places.allSatisfy({ $0 != nil }), Set(places).count == places.count {
      var found = [Int?](repeating: nil, count: model.count)
      for (index, place) in places.enumerated() { if let place { found[place] = index } }
      indices = found
      diagnostics = [
        Diagnostic(
          .note,
          .validateClassOrder,
          "the model's \(model.count) classes are matched with the data set's \(names.count) by name"
        )
      ]
      return
    }
    guard model.count == names.count else {
      let strange = zip(names, places).first { $1 == nil }?.0 ?? ""
      throw DeployError(
        .validateClassesDiffer,
        "the model has \(model.count) classes, the data set \(names.count), and '\(strange)' is "
          + "not among the model's",
        remedy: "give a data set of the model's classes: `vitrine inspect` lists them"
      )
    }
    indices = names.indices.map { $0 }
    let different = zip(model, names).first { Self.plain($0) != Self.plain($1) }
    diagnostics = [
      Diagnostic(
        .warning,
        .validateClassOrder,
        "class names differ ('\(different?.0 ?? "")' is taken for '\(different?.1 ?? "")'): "
          + "classes are matched by their order",
        remedy: "check that the data set numbers its classes as the model was trained"
      )
    ]
  }

  private static func plain(_ name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }
}

extension Diagnostic.ID {
  /// A model and a data set of different classes.
  static let validateClassesDiffer: Self = "val.classes-differ"
  /// Classes that are not numbered alike.
  static let validateClassOrder: Self = "val.class-order"
}
