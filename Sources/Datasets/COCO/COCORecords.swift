import Diagnostics

/// The records of a COCO file as they stand there.
enum COCORecords {
  struct Picture {
    var identifier: Int?
    var fileName = ""
    var width = 0
    var height = 0
  }

  struct Category {
    var identifier: Int?
    var name: String?
  }

  /// An annotation or a result.
  struct Object {
    var identifier: Int?
    var picture: Int?
    /// Where results name the picture by its file.
    var pictureName: String?
    var category: Int?
    var rectangle: Rectangle?
    var area: Double?
    var score: Double?
    var isCrowd = false
    var region: Region?
    /// Where the record begins, for messages.
    var offset = 0
  }
}

extension JSONScanner {
  /// A whole number, also in the form `7.0`.
  mutating func integer(_ name: String) throws -> Int {
    let start = offset
    guard try kind() == .number, let value = Int(exactly: try number()) else {
      throw invalid("\(name) is no whole number", at: start)
    }
    return value
  }

  /// An identifier: a whole number; nil for `null`.
  mutating func identifier(_ name: String) throws -> Int? {
    guard try kind() == .number else {
      let start = offset
      if try kind() == .literal, try literal() == nil { return nil }
      throw invalid("\(name) is no whole number", at: start)
    }
    return try integer(name)
  }

  func invalid(_ message: String, at offset: Int) -> DeployError {
    DeployError(
      .datasetInvalidRecord,
      message,
      at: .file(path: "", byteOffset: offset),
      remedy: "correct the record, or leave it out"
    )
  }

  mutating func cocoPicture() throws -> COCORecords.Picture {
    var picture = COCORecords.Picture()
    try object { scanner, key in
      switch key {
      case "id": picture.identifier = try scanner.identifier("the id of an image")
      case "file_name": picture.fileName = try scanner.string()
      case "width": picture.width = try scanner.integer("the width of an image")
      case "height": picture.height = try scanner.integer("the height of an image")
      default: try scanner.skip()
      }
    }
    return picture
  }

  mutating func cocoCategory() throws -> COCORecords.Category {
    var category = COCORecords.Category()
    try object { scanner, key in
      switch key {
      case "id": category.identifier = try scanner.identifier("the id of a category")
      case "name": category.name = try scanner.string()
      default: try scanner.skip()
      }
    }
    return category
  }

  mutating func cocoObject(keepsRegion: Bool) throws -> COCORecords.Object {
    var record = COCORecords.Object()
    _ = try kind()
    record.offset = offset
    try object { scanner, key in
      switch key {
      case "id": record.identifier = try scanner.identifier("the id of an annotation")
      case "image_id":
        if try scanner.kind() == .string {
          record.pictureName = try scanner.string()
        } else {
          record.picture = try scanner.identifier("image_id")
        }
      case "category_id": record.category = try scanner.identifier("category_id")
      case "bbox": record.rectangle = try scanner.rectangle()
      case "area": record.area = try scanner.numberOrNull()
      case "score": record.score = try scanner.numberOrNull()
      case "iscrowd": record.isCrowd = try scanner.flag()
      case "segmentation" where keepsRegion: record.region = try scanner.region()
      default: try scanner.skip()
      }
    }
    return record
  }

  private mutating func numberOrNull() throws -> Double? {
    if try kind() == .number { return try number() }
    let start = offset
    if try kind() == .literal, try literal() == nil { return nil }
    throw invalid("a number is expected", at: start)
  }

  private mutating func flag() throws -> Bool {
    if try kind() == .literal { return try literal() ?? false }
    return try number() != 0
  }

  /// `[x, y, width, height]`; nil where the array is empty.
  private mutating func rectangle() throws -> Rectangle? {
    let start = offset
    var values: [Double] = []
    try array { scanner in
      let value = try scanner.number()
      if values.count <= 4 { values.append(value) }
    }
    if values.isEmpty { return nil }
    guard values.count == 4 else {
      throw invalid("bbox has not four numbers: x, y, width, height", at: start)
    }
    let rectangle = Rectangle(x: values[0], y: values[1], width: values[2], height: values[3])
    guard rectangle.isFinite else {
      throw invalid("bbox holds a number that is not finite", at: start)
    }
    return rectangle
  }
}
