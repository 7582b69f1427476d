import Datasets
import Diagnostics
import TestSupport
import Testing

@Suite struct COCOReaderTests {
  private static let truth = """
    {"info":{"a":[1,{"b":null}]},
     "images":[{"id":7,"file_name":"b.jpg","width":100,"height":80},
               {"id":3,"file_name":"a.jpg","width":50,"height":50}],
     "annotations":[
       {"id":1,"image_id":7,"category_id":90,"bbox":[1.5,2,30,40],"area":600.25,"iscrowd":0,
        "segmentation":[[1,2,30,2,30,40]]},
       {"id":2,"image_id":3,"category_id":4,"bbox":[0,0,10,10],"iscrowd":1,
        "segmentation":{"size":[50,50],"counts":[0,100,2400]}}],
     "categories":[{"id":90,"name":"toothbrush"},{"id":4,"name":"caf\\u00e9 \\ud83d\\ude00"}]}
    """
  private static let results = """
    [{"image_id":7,"category_id":90,"bbox":[1,2,30,40],"score":0.5},
     {"image_id":3,"category_id":4,"bbox":[0,0,9,10],"score":1e-3}]
    """

  private func read(_ text: String, regions: Bool = true) throws -> Dataset {
    try read(Array(text.utf8), regions: regions)
  }

  private func read(_ bytes: [UInt8], regions: Bool = true) throws -> Dataset {
    try bytes.withUnsafeBytes {
      try COCOReader(keepsRegions: regions).dataset(bytes: $0, path: "truth.json")
    }
  }

  private func readResults(_ text: String) throws -> ([[Prediction]], [Diagnostic]) {
    let dataset = try read(Self.truth)
    let result = try Array(text.utf8).withUnsafeBytes {
      try COCOReader().results(bytes: $0, of: dataset)
    }
    return (result.predictions, result.diagnostics)
  }

  private func refusal(_ body: () throws -> Void) -> Diagnostic.ID? {
    do {
      try body()
      return nil
    } catch { return (error as? DeployError)?.id }
  }

  @Test func classesAndPicturesComeByIdentifier() throws {
    let dataset = try read(Self.truth)
    #expect(dataset.categories == [4, 90])
    #expect(dataset.classNames == ["café 😀", "toothbrush"])
    #expect(dataset.pictures.map(\.identifier) == [3, 7])
    let label = try #require(dataset.pictures[1].labels.first)
    #expect(label.classIndex == 1)
    #expect(label.rectangle == Rectangle(x: 1.5, y: 2, width: 30, height: 40))
    #expect(label.area == 600.25)
    #expect(dataset.pictures[0].labels.first?.isCrowd == true)
    #expect(dataset.pictures[0].labels.first?.area == 100)
  }

  @Test func resultsGoToTheirPictures() throws {
    let (predictions, notes) = try readResults(Self.results)
    #expect(predictions.map(\.count) == [1, 1])
    #expect(predictions[0].first?.score == 1e-3)
    #expect(predictions[1].first?.area == 1200)
    #expect(notes.isEmpty)
  }

  @Test(arguments: [
    (#""id":2"#, #""id":1"#, "dataset.duplicate-identifier"),
    (#""id":3,"#, #""id":7,"#, "dataset.duplicate-identifier"),
    (#""id":4"#, #""id":90"#, "dataset.duplicate-identifier"),
    ("[1.5,2,30,40]", "[1.5,2,30]", "dataset.invalid-record"),
    ("[1.5,2,30,40]", "[1.5,NaN,30,40]", "dataset.invalid-record"),
    ("600.25", "Infinity", "dataset.invalid-record"),
    ("[0,100,2400]", "[0,100,2399]", "dataset.invalid-record"),
    (#""id":7,"#, #""id":1e300,"#, "dataset.invalid-record"),
    (#""id":7,"#, #""id":"7","#, "dataset.invalid-record"),
    ("caf\\u00e9", "caf\\x", "dataset.malformed"),
  ])
  func badRecordsAreRefused(_ old: String, _ new: String, _ id: String) throws {
    let place = try #require(Self.truth.range(of: old))
    let text = Self.truth.replacingCharacters(in: place, with: new)
    #expect(refusal { _ = try read(text) }?.rawValue == id)
  }

  @Test func emptySetsAreRefused() {
    #expect(refusal { _ = try read("") } == .datasetMalformed)
    #expect(refusal { _ = try read("{}") } == .datasetEmpty)
    #expect(refusal { _ = try read("[]") } == .datasetMalformed)
    let twice = #"{"images": [], "categories": [], "annotations": [], "annotations": []}"#
    #expect(refusal { _ = try read(twice) } == .datasetMalformed)
    let text = #"{"images":[{"id":1}],"categories":[{"id":1}],"annotations":[]}"#
    #expect(refusal { _ = try read(text) } == .datasetEmpty)
  }

  @Test(arguments: [
    ("0.5", "NaN", "results.invalid-score"), ("0.5", "-Infinity", "results.invalid-score"),
    ("\"score\":0.5", "\"s\":0.5", "dataset.invalid-record"),
  ])
  func badResultsAreRefused(_ old: String, _ new: String, _ id: String) throws {
    let place = try #require(Self.results.range(of: old))
    let text = Self.results.replacingCharacters(in: place, with: new)
    #expect(refusal { _ = try readResults(text) }?.rawValue == id)
  }

  @Test func unknownReferencesAreSaid() throws {
    let place = try #require(Self.results.range(of: #""image_id":7"#))
    let text = Self.results.replacingCharacters(in: place, with: #""image_id":8"#)
    let (predictions, notes) = try readResults(text)
    #expect(predictions.map(\.count) == [1, 0])
    #expect(notes.map(\.id) == [.resultsUnknownReference])
    let none = #"[{"image_id":8,"category_id":90,"bbox":[1,2,3,4],"score":1}]"#
    #expect(refusal { _ = try readResults(none) } == .resultsUnknownReference)
    #expect(refusal { _ = try readResults("[]") } == .resultsEmpty)
  }

  @Test func boxesOutsideAreSaidAndKept() throws {
    let place = try #require(Self.truth.range(of: "[1.5,2,30,40]"))
    let dataset = try read(Self.truth.replacingCharacters(in: place, with: "[90,2,30,40]"))
    #expect(dataset.diagnostics.map(\.id) == [.datasetBoxOutside])
    #expect(dataset.pictures[1].labels.first?.rectangle.x == 90)
  }

  @Test func damagedFilesNeverTrap() throws {
    let summary = try HostileInput("coco", bytes: Array(Self.truth.utf8)).attack { bytes in
      let dataset = try read(bytes)
      for picture in dataset.pictures {
        for label in picture.labels {
          _ = label.region?.mask(width: picture.width, height: picture.height)?.area
        }
      }
    }
    #expect(summary.refused[.datasetMalformed] ?? 0 > 500)
  }
}

extension String {
  fileprivate func range(of text: String) -> Range<String.Index>? {
    indices.first { self[$0...].hasPrefix(text) }
      .map { $0..<index($0, offsetBy: text.count) }
  }

  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
