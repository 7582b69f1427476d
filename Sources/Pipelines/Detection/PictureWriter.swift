import Detectors
import Diagnostics
import Files
import Images

/// Writes what a detection job was asked to keep of each picture.
struct PictureWriter {
  private let job: DetectJob
  private let classNames: [String]
  /// The name of a picture without extension.
  private let stem: @Sendable (Int) -> String

  /// Pictures of one name get a number.
  init(_ job: DetectJob, classNames: [String], paths: [String]) throws {
    let stems = Self.uniqueStems(paths)
    try self.init(job, classNames) { stems[$0] }
    try checkOutputs(stems, sources: paths)
  }

  /// Refuses to write over what is read, and over labels that are somebody's truth.
  /// - Throws: `output.onto-source`, `output.other-kind`.
  private func checkOutputs(_ stems: [String], sources: [String]) throws {
    let known = Set(sources.compactMap(FileIdentity.init))
    for stem in stems {
      if let folder = job.annotatedFolder {
        let path = "\(folder)/\(stem).jpg"
        if let found = FileIdentity(path), known.contains(found) {
          throw DeployError(
            .outputOntoSource,
            "is one of the pictures that are read, which would be lost",
            at: .file(path: path),
            remedy: "give another folder"
          )
        }
      }
      guard let folder = job.labelFolder else { continue }
      let path = "\(folder)/\(stem).txt"
      guard Self.holdsOtherLabels(path) else { continue }
      throw DeployError(
        .outputOtherKind,
        "holds labels without confidences, which would be lost: they may be the truth",
        at: .file(path: path),
        remedy: "give another folder"
      )
    }
  }

  /// Whether a file has lines that this program does not write: `class x y w h` and outlines.
  private static func holdsOtherLabels(_ path: String) -> Bool {
    guard FileIdentity(path) != nil, let file = try? MappedFile(path: path) else { return false }
    let line = withExtendedLifetime(file) {
      String(decoding: file.bytes.prefix(4096).prefix { $0 != 0x0A }, as: UTF8.self)
    }
    let words = line.split(whereSeparator: \.isWhitespace)
    return words.count > 4 && words.count != 6 && words.allSatisfy { Double($0) != nil }
  }

  /// Frames get the video's name and their number.
  init(_ job: DetectJob, classNames: [String], videoPath: String) throws {
    let name = Self.shortened(Self.uniqueStems([videoPath])[0], toBytes: 200)
    try self.init(job, classNames) { index in
      let digits = String(index)
      return name + "_" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
  }

  private init(
    _ job: DetectJob,
    _ classNames: [String],
    stem: @escaping @Sendable (Int) -> String
  ) throws {
    self.job = job
    self.classNames = classNames
    self.stem = stem
    for folder in [job.annotatedFolder, job.labelFolder, job.cropFolder].compactMap({ $0 }) {
      try Folder.create(folder)
    }
  }

  /// Whether anything is written at all.
  var writes: Bool { job.annotatedFolder ?? job.labelFolder ?? job.cropFolder != nil }

  func write(_ image: Image, _ picture: DetectResult.Picture, _ index: Int) throws {
    let (stem, detections) = (stem(index), picture.detections)
    if let folder = job.annotatedFolder {
      let annotated = image.annotated(with: picture, classNames: classNames)
      try annotated.write(to: "\(folder)/\(stem).jpg")
    }
    if let folder = job.labelFolder {
      let lines =
        picture.classes.map { $0.map { "\($0.probability) \(name(of: $0.classIndex))\n" } }
        ?? detections.map { Self.label($0, image) + "\n" }
      try AtomicFile.write(lines.joined(), to: "\(folder)/\(stem).txt")
    }
    if let folder = job.cropFolder {
      for (number, detection) in detections.enumerated() {
        guard let crop = Self.crop(image, detection.box) else { continue }
        let name = Self.fileName(classNames, detection.classIndex)
        let short = Self.shortened(stem, toBytes: 150)
        try crop.write(to: "\(folder)/\(short)-\(number + 1)-\(name).jpg")
      }
    }
  }

  private func name(of index: Int) -> String {
    classNames.indices.contains(index) ? classNames[index] : "class \(index)"
  }

  /// `class x y w h confidence`: centre and size as shares of the picture.
  /// Source: YOLOv5 `detect.py --save-txt --save-conf`.
  static func label(_ detection: Detection, _ image: Image) -> String {
    let box = detection.box
    let (width, height) = (Float(image.width), Float(image.height))
    let numbers = [
      (box.x1 + box.x2) / 2 / width, (box.y1 + box.y2) / 2 / height,
      (box.x2 - box.x1) / width, (box.y2 - box.y1) / height, detection.confidence,
    ]
    return "\(detection.classIndex) " + numbers.map { "\($0)" }.joined(separator: " ")
  }

  /// The part of a picture inside a box; nil where it is empty.
  static func crop(_ image: Image, _ box: Box) -> Image? {
    guard [box.x1, box.y1, box.x2, box.y2].allSatisfy(\.isFinite) else { return nil }
    func inside(_ value: Float, _ extent: Int) -> Int { Int(max(0, min(value, Float(extent)))) }
    let (x1, y1) = (inside(box.x1, image.width), inside(box.y1, image.height))
    let x2 = inside(box.x2.rounded(.up), image.width)
    let y2 = inside(box.y2.rounded(.up), image.height)
    guard x1 < x2, y1 < y2 else { return nil }
    var pixels: [UInt8] = []
    pixels.reserveCapacity((x2 - x1) * (y2 - y1) * 3)
    for y in y1..<y2 {
      let row = (y * image.width + x1) * 3
      pixels += image.pixels[row..<row + (x2 - x1) * 3]
    }
    return try? Image(width: x2 - x1, height: y2 - y1, pixels: pixels)
  }

  /// The class as a file name: letters, digits and dashes.
  private static func fileName(_ names: [String], _ index: Int) -> String {
    let name = index < names.count ? names[index] : "class\(index)"
    let plain = String(name.map { $0.isLetter || $0.isNumber ? $0 : "-" })
    return shortened(plain, toBytes: 60)
  }

  /// The longest start of a text that has at most so many bytes: names of files have 255.
  static func shortened(_ text: String, toBytes limit: Int) -> String {
    var result = text
    while result.utf8.count > limit { result.removeLast() }
    return result
  }

  private static func uniqueStems(_ paths: [String]) -> [String] {
    var used: Set<String> = []
    return paths.map { path in
      let name = String(path.split(separator: "/").last ?? "picture")
      let dot = name.lastIndex(of: ".") ?? name.endIndex
      let stem = dot == name.startIndex ? name : String(name[..<dot])
      var candidate = stem
      var number = 2
      while !used.insert(candidate).inserted {
        candidate = "\(stem)_\(number)"
        number += 1
      }
      return candidate
    }
  }
}
