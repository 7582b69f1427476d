import Detectors
import Pipelines
import Videos

extension DetectResult {
  /// `188 pictures, 1672 objects, 3.1 s, 60.2 pictures/s with 2 sessions`.
  var totals: String {
    let count = pictures.reduce(0) { $0 + $1.detections.count }
    let noun = video == nil ? "picture" : "frame"
    let plural = pictures.count == 1 ? "" : "s"
    var parts = ["\(pictures.count) \(noun)\(plural)", "\(count) object\(count == 1 ? "" : "s")"]
    if let run, run.elapsedMilliseconds > 0 {
      let seconds = run.elapsedMilliseconds / 1000
      parts.append("\(decimal(seconds, 1)) s")
      var rate = "\(decimal(Double(pictures.count) / seconds, 1)) \(noun)s/s"
      if let sessions = run.streamSessions {
        rate += " with \(sessions) session\(sessions == 1 ? "" : "s")"
      }
      parts.append(rate)
    }
    return parts.joined(separator: ", ")
  }

  /// What a video is, what was found in its frames by class, and where it went.
  var videoLines: String {
    guard let video else { return "" }
    var head = "\(video.path)  \(video.info.width)×\(video.info.height)"
    head += ", \(decimal(video.info.frameRate, 2)) frames/s"
    if video.info.rotation != 0 { head += ", turned by \(video.info.rotation)°" }
    if video.every > 1 { head += ", every \(video.every). frame" }
    var lines = [head, totals]
    var (objects, frames): ([Int: Int], [Int: Int]) = ([:], [:])
    for picture in pictures {
      let best = picture.classes?.prefix(1).map(\.classIndex) ?? []
      let found = picture.detections.map(\.classIndex) + best
      for index in found { objects[index, default: 0] += 1 }
      for index in Set(found) { frames[index, default: 0] += 1 }
    }
    var table = Table(["class", "found", "in frames"])
    for (index, count) in objects.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      let name = classNames.indices.contains(index) ? classNames[index] : "class \(index)"
      table.add([name, "\(count)", "\(frames[index] ?? 0)"])
    }
    if !objects.isEmpty { lines.append(table.text) }
    if let output = video.output { lines.append("✓ \(output)  \(video.encoder ?? "")") }
    return lines.joined(separator: "\n")
  }
}

extension DetectResult.Picture {
  /// `bus.jpg  640×480  4 person, 1 bus  12.3 ms (1.0 + 10.9 + 0.4)`.
  func line(classNames: [String]) -> String {
    func name(_ index: Int) -> String {
      index < classNames.count ? classNames[index] : "class \(index)"
    }
    var counts: [Int: Int] = [:]
    for detection in detections { counts[detection.classIndex, default: 0] += 1 }
    let found =
      classes.map {
        $0.map { "\(name($0.classIndex)) \(decimal(Double($0.probability) * 100, 1)) %" }
      }
      ?? counts.sorted { $0.key < $1.key }.map { "\($0.value) \(name($0.key))" }
    let total = preprocessMilliseconds + inferenceMilliseconds + postprocessMilliseconds
    let parts = [preprocessMilliseconds, inferenceMilliseconds, postprocessMilliseconds]
      .map { decimal($0, 1) }.joined(separator: " + ")
    let text = found.isEmpty ? "nothing found" : found.joined(separator: ", ")
    return "\(path)  \(Style.bold(text))  \(Style.dim("\(decimal(total, 1)) ms (\(parts))"))"
  }
}
