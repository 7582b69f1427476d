import Datasets
import Diagnostics
import Files
import Glibc
import Testing

@Suite struct YOLOReaderTests {
  /// A folder with two pictures of 100 × 50 pixels, which are not really there.
  private final class Folder {
    let path: String
    private var written: [String] = []

    init() {
      var template = Array("/tmp/vitrine-yolo-XXXXXX".utf8CString)
      mkdtemp(&template)
      path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      for name in ["images", "images/val", "labels", "labels/val"] {
        mkdir("\(path)/\(name)", 0o700)
      }
    }

    func write(_ name: String, _ text: String) throws {
      written.append(name)
      try AtomicFile.write(text, to: "\(path)/\(name)")
    }

    deinit {
      for name in written { unlink("\(path)/\(name)") }
      for name in ["images/val", "labels/val", "images", "labels", ""] { rmdir("\(path)/\(name)") }
    }
  }

  private static let header = "path: . # root\nval: images/val\n"

  private func read(
    _ label: String?,
    yaml: String = header + "names: [cat, 'dog: big']\n",
    others: [String: String] = [:],
    leavingOut damaged: Set<String>? = nil,
    damaged isDamaged: Set<String> = []
  ) throws -> Dataset {
    let folder = Folder()
    try folder.write("images/val/a.jpg", "")
    try folder.write("images/val/b.jpg", "")
    if let label { try folder.write("labels/val/a.txt", label) }
    try folder.write("data.yaml", yaml)
    for (name, text) in others { try folder.write(name, text) }
    let broken = isDamaged.union(damaged ?? [])
    var reader = YOLOReader(
      isPicture: { $0.hasSuffix(".jpg") },
      pictureSize: { path in
        if broken.contains(where: path.hasSuffix) {
          throw DeployError("image.unknown-format", "no picture", at: .file(path: path))
        }
        return (100, 50)
      }
    )
    reader.keepsRegions = true
    reader.leavesOutUnreadable = damaged != nil
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

  @Test func aWrongClassCountIsRefused() throws {
    let names = "names: [cat, dog]\n"
    #expect(
      refusal { _ = try read("", yaml: Self.header + names + "nc: 3\n") } == .datasetInvalidRecord
    )
    #expect(
      refusal { _ = try read("", yaml: Self.header + names + "nc: x\n") } == .datasetInvalidRecord
    )
    #expect(try read("", yaml: Self.header + names + "nc: 2\n").classNames.count == 2)
  }

  @Test(arguments: ["names: [a]\nval: images\n", "names: {0: a, 0: b}\n", "names:\n 0: a\n 0: b\n"])
  func repeatedKeysAreRefused(_ rest: String) {
    #expect(refusal { _ = try read("", yaml: Self.header + rest) } == .datasetMalformed)
  }

  @Test func textsOfSeveralLinesArePassedOver() throws {
    let script = "download: |\n  import os # [\n\n  a: b\nnames: [cat]\n"
    #expect(try read("", yaml: Self.header + script).classNames == ["cat"])
  }

  @Test func labelFilesWithoutPicturesAreCounted() throws {
    let label = "0 0.5 0.5 0.1 0.1\n"
    let others = [
      "labels/val/c.txt": label, "labels/val/d.txt": "", "labels/val/classes.txt": "cat",
    ]
    let dataset = try read(label, others: others)
    #expect(dataset.diagnostics.map(\.id) == [.datasetUnknownReference])
    #expect(dataset.diagnostics.first?.message.hasPrefix("2 label files without a picture") == true)
  }

  @Test func picturesListedTwiceCountOnce() throws {
    let yaml = "path: .\nval: list.txt\nnames: [cat]\n"
    let list = "./images/val/a.jpg\n./images/val/b.jpg\n\n ./images/val/a.jpg \n"
    let dataset = try read("0 0.5 0.5 0.1 0.1", yaml: yaml, others: ["list.txt": list])
    #expect(dataset.pictures.map(\.identifier) == [1, 2])
    #expect(dataset.diagnostics.map(\.id) == [.datasetDuplicateIdentifier])
  }

  /// A picture without a size leaves its labels without a meaning.
  @Test func damagedPicturesAreRefusedOrLeftOut() throws {
    let label = "0 0.5 0.5 0.1 0.1\n"
    let both = ["labels/val/b.txt": label]
    #expect(
      refusal { _ = try read(label, others: both, damaged: ["a.jpg"]) } == .datasetMissingPictures
    )
    let dataset = try read(label, others: both, leavingOut: ["a.jpg"])
    #expect(dataset.pictures.map(\.identifier) == [2])
    #expect(dataset.pictures.first?.labels.count == 1)
    #expect(dataset.diagnostics.map(\.id) == [.datasetMissingPictures])
    #expect(
      refusal { _ = try read(label, others: both, leavingOut: ["a.jpg", "b.jpg"]) }
        == .datasetMissingPictures
    )
  }

  /// A path may lead to somebody's own file: no word of it may stand in an error.
  @Test func nothingOfOtherFilesIsQuoted() throws {
    let secret = "hunter2"
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return ""
      } catch { return "\(error)" }
    }
    let list = "path: .\nval: secret.txt\nnames: [cat]\n"
    let texts = [
      message { _ = try read("", yaml: secret + "\n") },
      message { _ = try read("", yaml: "a: b\n" + secret + ": &x\n") },
      message { _ = try read("", yaml: list, others: ["secret.txt": "root:\(secret):0\n"]) },
      message { _ = try read("0 \(secret) 0 0 0\n") },
    ]
    for text in texts {
      #expect(text.contains("line "), "\(text)")
      #expect(!text.contains(secret), "\(text)")
    }
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
