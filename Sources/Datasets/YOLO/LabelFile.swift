import Diagnostics
import Files

/// Reads one picture's labels. Source: YOLOv5 `dataloaders.verify_image_label`.
struct LabelFile {
  private let classCount: Int
  private let keepsRegions: Bool

  init(_ classCount: Int, _ keepsRegions: Bool) {
    self.classCount = classCount
    self.keepsRegions = keepsRegions
  }

  func labels(
    _ path: String,
    _ picture: LabelledPicture,
    _ findings: inout Findings
  ) throws -> [Label] {
    var labels: [Label] = []
    var known: Set<[Double]> = []
    let lines = try TextFile.read(path).split(
      omittingEmptySubsequences: false,
      whereSeparator: \.isNewline
    )
    for (number, line) in lines.enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard !words.isEmpty else { continue }
      let place = "line \(number + 1)"
      // A link may lead to a file of another kind: nothing of it is quoted.
      let values = try words.enumerated().map { index, word in
        guard let value = Double(word), value.isFinite else {
          throw invalid(path, "\(place): value \(index + 1) is no finite number")
        }
        return value
      }
      guard known.insert(values).inserted else {
        findings.note(.repeatedLabel, "\(place) of \(path)")
        continue
      }
      let label = try label(values, picture, "\(place) of \(path)", path, &findings)
      if var label {
        label.identifier = labels.count + 1
        labels.append(label)
      }
    }
    return labels
  }

  /// The label; nil where nothing of it lies inside the picture.
  private func label(
    _ values: [Double],
    _ picture: LabelledPicture,
    _ place: String,
    _ path: String,
    _ findings: inout Findings
  ) throws -> Label? {
    guard values.count == 5 || values.count >= 7 && values.count % 2 == 1 else {
      throw invalid(path, "\(place): \(values.count) numbers are no 'class x y w h' and no outline")
    }
    guard let classIndex = Int(exactly: values[0]), (0..<classCount).contains(classIndex) else {
      throw invalid(path, "\(place): there is no class \(values[0]); there are \(classCount)")
    }
    let (width, height) = (Double(picture.width), Double(picture.height))
    let shares = Array(values.dropFirst())
    let corners = values.count == 5 ? Self.corners(shares) : Self.bounds(shares)
    let inside = corners.map { min(max($0, 0), 1) }
    let rectangle = Rectangle(
      x: inside[0] * width,
      y: inside[1] * height,
      width: (inside[2] - inside[0]) * width,
      height: (inside[3] - inside[1]) * height
    )
    guard rectangle.width > 0, rectangle.height > 0 else {
      findings.note(.leftOut, place)
      return nil
    }
    // A millionth may come from rounding.
    if zip(corners, inside).contains(where: { abs($0 - $1) > 1e-6 }) { findings.note(.cut, place) }
    var label = Label(identifier: 0, classIndex: classIndex, rectangle: rectangle)
    guard values.count > 5 else { return label }
    let polygon = shares.enumerated().map { $1 * ($0 % 2 == 0 ? width : height) }
    let region = Region.polygons([polygon])
    if keepsRegions { label.region = region }
    if let mask = region.mask(width: picture.width, height: picture.height) {
      label.area = Double(mask.area)
    }
    return label
  }

  private static func corners(_ box: [Double]) -> [Double] {
    [
      box[0] - box[2] / 2, box[1] - box[3] / 2, box[0] + box[2] / 2, box[1] + box[3] / 2,
    ]
  }

  private static func bounds(_ outline: [Double]) -> [Double] {
    var (left, top, right, bottom) = (
      Double.infinity, Double.infinity, -Double.infinity, -Double.infinity
    )
    for index in stride(from: 0, to: outline.count - 1, by: 2) {
      left = min(left, outline[index])
      right = max(right, outline[index])
      top = min(top, outline[index + 1])
      bottom = max(bottom, outline[index + 1])
    }
    return [left, top, right, bottom]
  }

  private func invalid(_ path: String, _ message: String) -> DeployError {
    DeployError(
      .datasetInvalidRecord,
      message,
      at: .file(path: path),
      remedy: "write 'class x y w h' with the centre and the size as shares of the picture"
    )
  }
}
