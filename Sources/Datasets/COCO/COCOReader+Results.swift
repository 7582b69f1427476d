public import Diagnostics
import Files

extension COCOReader {
  /// Reads results in COCO's layout: an array of `image_id`, `category_id`, `bbox`, `score` and,
  /// for masks, `segmentation`.
  ///
  /// The area that decides the range of sizes is that of the box where the first result has one,
  /// otherwise that of the mask, as pycocotools' `loadRes` has it. Results of pictures and classes
  /// that the data set does not have are left out with a warning; where none is left, that is an
  /// error. Scores that are not finite are an error. Results may name pictures by their file's
  /// stem.
  /// - Returns: the predictions of each of the data set's pictures, in their order.
  /// - Throws: `dataset.malformed`, `dataset.invalid-record`, `results.invalid-score`,
  ///   `results.unknown-reference`, `results.empty`, IDs of `file.`.
  public func results(
    path: String,
    of dataset: Dataset
  ) throws -> (predictions: [[Prediction]], diagnostics: [Diagnostic]) {
    let file = try MappedFile(path: path)
    do {
      return try withExtendedLifetime(file) { try results(bytes: file.bytes, of: dataset) }
    } catch let error as DeployError {
      throw error.inFile(path)
    }
  }

  /// Reads results from the bytes of a file.
  /// - Throws: as `results(path:of:)`.
  public func results(
    bytes: UnsafeRawBufferPointer,
    of dataset: Dataset
  ) throws -> (predictions: [[Prediction]], diagnostics: [Diagnostic]) {
    var builder = COCOResultsBuilder(dataset, keepsRegions: keepsRegions)
    var scanner = JSONScanner(bytes)
    guard bytes.count > 0 else { throw scanner.damage("the file is empty") }
    guard try scanner.kind() == .array else {
      throw scanner.damage("an array of results is expected")
    }
    try scanner.array { scanner in
      try builder.add(try scanner.cocoObject(keepsRegion: keepsRegions))
    }
    try scanner.finish()
    return try builder.finish()
  }
}

/// Sorts results by picture.
struct COCOResultsBuilder {
  private let keepsRegions: Bool
  private let dataset: Dataset
  private let places: [Int: Int]
  private let placesByStem: [String: Int]
  private let classIndices: [Int: Int]
  private var predictions: [[Prediction]]
  private var count = 0
  private var takesBoxArea: Bool?
  private var unknownPictures: (count: Int, first: String) = (0, "")
  private var unknownClasses: (count: Int, first: Int) = (0, 0)

  init(_ dataset: Dataset, keepsRegions: Bool) {
    self.dataset = dataset
    self.keepsRegions = keepsRegions
    let pictures = dataset.pictures
    places = Dictionary(
      pictures.enumerated().map { ($1.identifier, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    placesByStem = Dictionary(
      pictures.enumerated().map { (Self.stem($1.path), $0) },
      uniquingKeysWith: { first, _ in first }
    )
    classIndices = Dictionary(
      dataset.categories.enumerated().map { ($1, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    predictions = Array(repeating: [], count: pictures.count)
  }

  private static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return String(name) }
    return String(name[..<dot])
  }

  mutating func add(_ record: COCORecords.Object) throws {
    count += 1
    guard let score = record.score else { throw invalid(record, "result \(count) has no score") }
    guard score.isFinite else {
      throw DeployError(
        .resultsInvalidScore,
        "result \(count) has the score \(score)",
        at: .file(path: "", byteOffset: record.offset),
        remedy: "find out why the model gives such numbers: they cannot be ranked"
      )
    }
    let found = record.picture.flatMap { places[$0] } ?? record.pictureName.flatMap { place($0) }
    guard let place = found else {
      let name = record.pictureName ?? record.picture.map { "\($0)" } ?? "none"
      unknownPictures = (
        unknownPictures.count + 1, unknownPictures.first.isEmpty ? name : unknownPictures.first
      )
      return
    }
    guard let category = record.category else {
      throw invalid(record, "result \(count) has no category_id")
    }
    guard let classIndex = classIndices[category] else {
      unknownClasses = (
        unknownClasses.count + 1, unknownClasses.count == 0 ? category : unknownClasses.first
      )
      return
    }
    predictions[place].append(try prediction(record, classIndex, score, dataset.pictures[place]))
  }

  private func place(_ name: String) -> Int? {
    placesByStem[name] ?? placesByStem[Self.stem(name)] ?? Int(name).flatMap { places[$0] }
  }

  private mutating func prediction(
    _ record: COCORecords.Object,
    _ classIndex: Int,
    _ score: Double,
    _ picture: LabelledPicture
  ) throws -> Prediction {
    let takesBoxArea = takesBoxArea ?? (record.rectangle != nil)
    self.takesBoxArea = takesBoxArea
    if let rectangle = record.rectangle {
      let mask =
        takesBoxArea ? nil : record.region?.mask(width: picture.width, height: picture.height)
      return Prediction(
        classIndex: classIndex,
        score: score,
        rectangle: rectangle,
        area: mask.map { Double($0.area) },
        region: record.region ?? (keepsRegions ? .outline(of: rectangle) : nil)
      )
    }
    guard !takesBoxArea, let region = record.region,
      let mask = region.mask(width: picture.width, height: picture.height)
    else { throw invalid(record, "result \(count) has no bbox") }
    return Prediction(
      classIndex: classIndex,
      score: score,
      rectangle: mask.bounds,
      area: Double(mask.area),
      region: .runs(mask)
    )
  }

  consuming func finish() throws -> (predictions: [[Prediction]], diagnostics: [Diagnostic]) {
    guard count > 0 else {
      throw DeployError(
        .resultsEmpty,
        "the file holds no results",
        at: .file(path: ""),
        remedy: "give at least one result: an accuracy of 0 would hide that nothing was measured"
      )
    }
    var diagnostics: [Diagnostic] = []
    if unknownPictures.count > 0 {
      diagnostics.append(
        Diagnostic(
          .warning,
          .resultsUnknownReference,
          "\(unknownPictures.count) of \(count) results are of pictures that the data set does not "
            + "have; left out (first: image \(unknownPictures.first))",
          remedy: "give the labels that belong to these results"
        )
      )
    }
    if unknownClasses.count > 0 {
      diagnostics.append(
        Diagnostic(
          .warning,
          .resultsUnknownReference,
          "\(unknownClasses.count) of \(count) results are of categories that the data set does not "
            + "have; left out (first: \(unknownClasses.first))",
          remedy: "write category identifiers of the data set, not class indices"
        )
      )
    }
    guard unknownPictures.count + unknownClasses.count < count else {
      throw DeployError(
        .resultsUnknownReference,
        "none of the \(count) results is of a picture and a category of the data set",
        at: .file(path: ""),
        remedy: "give the labels that belong to these results",
        notes: diagnostics
      )
    }
    return (predictions, diagnostics)
  }

  private func invalid(_ record: COCORecords.Object, _ message: String) -> DeployError {
    DeployError(
      .datasetInvalidRecord,
      message,
      at: .file(path: "", byteOffset: record.offset),
      remedy: "give each result image_id, category_id, bbox and score"
    )
  }
}

extension Region {
  /// A rectangle's outline.
  public static func outline(of rectangle: Rectangle) -> Region {
    let (left, top) = (rectangle.x, rectangle.y)
    let (right, bottom) = (left + rectangle.width, top + rectangle.height)
    return .polygons([[left, top, left, bottom, right, bottom, right, top]])
  }
}
