import Datasets
import Diagnostics
import Files
import Glibc
import Testing

@Suite struct YOLOReaderTests {
  /// A folder with two pictures of 100 × 50 pixels, which are not really there.
  private final class Folder {
    let path: String

    init() {
      var template = Array("/tmp/vitrine-yolo-XXXXXX".utf8CString)
      mkdtemp(&template)
      path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      for name in ["images", "images/val", "labels", "labels/val"] {
        mkdir("\(path)/\(name)", 0o700)
      }
    }

    func write(_ name: String, _ text: String) throws {
      try AtomicFile.write(text, to: "\(path)/\(name)")
    }

    deinit {
      for name in ["data.yaml", "images/val/a.jpg", "images/val/b.jpg", "labels/val/a.txt"] {
        unlink("\(path)/\(name)")
      }
      for name in ["images/val", "labels/val", "images", "labels", ""] { rmdir("\(path)/\(name)") }
    }
  }

  private static let header = "path: . # root\nval: images/val\n"

  private func read(
    _ label: String?,
    yaml: String = header + "names: [cat, 'dog: big']\n"
  ) throws -> Dataset {
    let folder = Folder()
    try folder.write("images/val/a.jpg", "")
    try folder.write("images/val/b.jpg", "")
    if let label { try folder.write("labels/val/a.txt", label) }
    try folder.write("data.yaml", yaml)
    var reader = YOLOReader(isPicture: { $0.hasSuffix(".jpg") }, pictureSize: { _ in (100, 50) })
    reader.keepsRegions = true
    return try reader.dataset(path: folder.path + "/data.yaml")
  }

  private func refusal(_ body: () throws -> Void) -> Diagnostic.ID? {
    do {
      try body()
      return nil
    } catch { return (error as? DeployError)?.id }
  }

  @Test func labelsBecomePixels() throws {
    let dataset = try read("1 0.5 0.5 0.2 0.4\n\n0 0 0 1 0 1 1 0 1\n")
    #expect(dataset.classNames == ["cat", "dog: big"])
    #expect(dataset.pictures.count == 2)
    let labels = dataset.pictures[0].labels
    #expect(labels.map(\.classIndex) == [1, 0])
    let box = try #require(labels.first).rectangle
    for (value, expected) in zip([box.x, box.y, box.width, box.height], [40.0, 15, 20, 20]) {
      #expect(abs(value - expected) < 1e-9)
    }
    #expect(labels[1].rectangle == Rectangle(x: 0, y: 0, width: 100, height: 50))
    #expect(labels[1].area == 5000)
    #expect(dataset.pictures[1].labels.isEmpty)
    #expect(dataset.diagnostics.isEmpty)
  }

  @Test(arguments: [
    "names:\n  0: cat\n  1: dog # the second\n", "names: {0: cat, 1: dog}\n",
    "names:\n- cat\n- dog\n", "names:\n  - \"cat\"\n  - 'dog'\nnc: 2\n", "names: [cat,\n  dog]\n",
  ])
  func namesInEveryForm(_ names: String) throws {
    #expect(try read("", yaml: Self.header + names).classNames == ["cat", "dog"])
  }

  @Test(arguments: [
    ("2 0.5 0.5 0.1 0.1", "dataset.invalid-record"),
    ("x 0.5 0.5 0.1 0.1", "dataset.invalid-record"),
    ("0 0.5 0.5 0.1", "dataset.invalid-record"), ("0 nan 0.5 0.1 0.1", "dataset.invalid-record"),
  ])
  func badLabelsAreRefused(_ label: String, _ id: String) {
    #expect(refusal { _ = try read(label) }?.rawValue == id)
  }

  @Test func labelsOutsideAreCutAndSaid() throws {
    let dataset = try read("0 0.95 0.5 0.2 0.2\n0 1.5 0.5 0.2 0.2\n0 0.95 0.5 0.2 0.2\n")
    #expect(dataset.pictures[0].labels.count == 1)
    #expect((dataset.pictures[0].labels.first?.rectangle.width ?? 0).rounded() == 15)
    #expect(
      dataset.diagnostics.map(\.id) == [
        .datasetRepeatedLabel, .datasetBoxOutside, .datasetBoxOutside,
      ]
    )
  }

  @Test func whatIsMissingIsSaid() {
    #expect(refusal { _ = try read(nil) } == .datasetEmpty)
    #expect(refusal { _ = try read("", yaml: "val: images/val\n") } == .datasetInvalidRecord)
    #expect(refusal { _ = try read("", yaml: "names: [a]\n") } == .datasetInvalidRecord)
    #expect(
      refusal { _ = try read("", yaml: "val: nowhere\nnames: [a]\n") } == .datasetMissingPictures
    )
    #expect(refusal { _ = try read("", yaml: "names: &a [a]\n") } == .datasetMalformed)
    #expect(refusal { _ = try read("", yaml: "  - a\n") } == .datasetMalformed)
  }
}
