import Diagnostics

/// Joins the records of a COCO file, whatever their order there.
struct COCODatasetBuilder {
  let name: String
  var objects: [COCORecords.Object] = []
  private var pictures: [Int: LabelledPicture] = [:]
  private var classNames: [Int: String] = [:]
  private var findings = Findings()

  init(name: String) { self.name = String(name.split(separator: "/").last ?? "data set") }

  /// Some of the pictures' names, to look for their folder with: one alone may be missing.
  var someFileNames: [String] {
    pictures.values.sorted { $0.identifier < $1.identifier }.prefix(100).map(\.path)
      .filter { !$0.isEmpty }
  }

  mutating func add(_ record: COCORecords.Picture, at scanner: JSONScanner) throws {
    guard let identifier = record.identifier else {
      throw scanner.invalid("an image has no id", at: scanner.offset)
    }
    guard record.width >= 0, record.height >= 0, record.width <= 1 << 20, record.height <= 1 << 20
    else {
      throw scanner.invalid(
        "image \(identifier) is \(record.width)×\(record.height)",
        at: scanner.offset
      )
    }
    let picture = LabelledPicture(
      identifier: identifier,
      path: record.fileName,
      width: record.width,
      height: record.height
    )
    if let known = pictures[identifier] {
      guard known == picture else { throw duplicate("images", identifier) }
      findings.note(.repeatedPicture, "image \(identifier)")
    }
    pictures[identifier] = picture
  }

  mutating func add(_ record: COCORecords.Category, at scanner: JSONScanner) throws {
    guard let identifier = record.identifier else {
      throw scanner.invalid("a category has no id", at: scanner.offset)
    }
    let name = record.name ?? "category \(identifier)"
    guard classNames.updateValue(name, forKey: identifier) == nil else {
      throw duplicate("categories", identifier)
    }
  }

  /// - Parameter folder: where the pictures are; nil leaves their names as they are.
  consuming func dataset(folder: String?) throws -> Dataset {
    guard !pictures.isEmpty else { throw empty("the file names no images") }
    guard !classNames.isEmpty else { throw empty("the file names no categories") }
    guard !objects.isEmpty else { throw empty("the file holds no annotations") }
    let categories = classNames.keys.sorted()
    try join(Dictionary(uniqueKeysWithValues: zip(categories, categories.indices)))
    var sorted = pictures.values.sorted { $0.identifier < $1.identifier }
    if let folder {
      for index in sorted.indices where !sorted[index].path.hasPrefix("/") {
        sorted[index].path = folder + "/" + sorted[index].path
      }
    }
    return Dataset(
      name: name,
      format: .coco,
      classNames: categories.map { classNames[$0] ?? "" },
      categories: categories,
      pictures: sorted,
      diagnostics: findings.diagnostics
    )
  }

  /// Gives each picture its labels.
  private mutating func join(_ classIndices: [Int: Int]) throws {
    var known: Set<Int> = []
    for (index, record) in objects.enumerated() {
      let identifier = record.identifier ?? index + 1
      guard known.insert(identifier).inserted else { throw duplicate("annotations", identifier) }
      let label = try label(record, identifier, classIndices)
      guard let label, let picture = record.picture else { continue }
      pictures[picture]?.labels.append(label)
    }
    objects = []
  }

  /// The label; nil where its picture or its category is unknown.
  private mutating func label(
    _ record: COCORecords.Object,
    _ identifier: Int,
    _ classIndices: [Int: Int]
  ) throws -> Label? {
    guard let picture = record.picture else {
      throw invalid(record, "annotation \(identifier) has no image_id that is a whole number")
    }
    guard let category = record.category else {
      throw invalid(record, "annotation \(identifier) has no category_id that is a whole number")
    }
    guard let known = pictures[picture] else {
      findings.note(.unknownPicture, "annotation \(identifier) of image \(picture)")
      return nil
    }
    guard let classIndex = classIndices[category] else {
      findings.note(.unknownClass, "annotation \(identifier) of \(category)")
      return nil
    }
    let mask =
      record.rectangle == nil ? record.region?.mask(width: known.width, height: known.height) : nil
    guard let rectangle = record.rectangle ?? mask?.bounds else {
      throw invalid(record, "annotation \(identifier) has no bbox")
    }
    let area = record.area ?? mask.map { Double($0.area) } ?? rectangle.area
    guard area.isFinite else {
      throw invalid(record, "annotation \(identifier) has no finite area")
    }
    if identifier == 0 { findings.note(.zeroIdentifier, "of image \(picture)") }
    findings.check(rectangle, in: known, "annotation \(identifier)")
    return Label(
      identifier: identifier,
      classIndex: classIndex,
      rectangle: rectangle,
      area: area,
      isCrowd: record.isCrowd,
      region: record.region
    )
  }

  private func invalid(_ record: COCORecords.Object, _ message: String) -> DeployError {
    DeployError(
      .datasetInvalidRecord,
      message,
      at: .file(path: "", byteOffset: record.offset),
      remedy: "correct the annotation, or leave it out"
    )
  }

  private func duplicate(_ list: String, _ identifier: Int) -> DeployError {
    DeployError(
      .datasetDuplicateIdentifier,
      "'\(list)' has two different records with the id \(identifier)",
      at: .file(path: ""),
      remedy: "give each record an id of its own: with two, one would silently be lost"
    )
  }

  private func empty(_ message: String) -> DeployError {
    DeployError(
      .datasetEmpty,
      message,
      at: .file(path: ""),
      remedy: "give an annotation file with images, annotations and categories"
    )
  }
}
