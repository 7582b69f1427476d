public import Diagnostics

extension Diagnostic.ID {
  /// Labels or results that are not in the form that they should have.
  public static let datasetMalformed: Self = "dataset.malformed"
  /// A record that lacks something, or holds an impossible value.
  public static let datasetInvalidRecord: Self = "dataset.invalid-record"
  /// Two records with one identifier.
  public static let datasetDuplicateIdentifier: Self = "dataset.duplicate-identifier"
  /// No pictures, or no labels in any of them.
  public static let datasetEmpty: Self = "dataset.empty"
  /// Pictures that the labels name and that are not there.
  public static let datasetMissingPictures: Self = "dataset.missing-pictures"
  /// Boxes that reach beyond their picture, or have no area.
  public static let datasetBoxOutside: Self = "dataset.box-outside"
  /// Labels of pictures or classes that the data set does not have.
  public static let datasetUnknownReference: Self = "dataset.unknown-reference"
  /// Labels that stand twice.
  public static let datasetRepeatedLabel: Self = "dataset.repeated-label"
  /// A picture of another size than the labels say.
  public static let datasetWrongSize: Self = "dataset.wrong-size"
  /// Something that is neither an annotation file, a `data.yaml`, a folder nor `synth`.
  public static let datasetUnknownFormat: Self = "dataset.unknown-format"
  /// Scores that are not finite numbers.
  public static let resultsInvalidScore: Self = "results.invalid-score"
  /// Results of pictures or classes that the data set does not have.
  public static let resultsUnknownReference: Self = "results.unknown-reference"
  /// No results at all.
  public static let resultsEmpty: Self = "results.empty"
}
