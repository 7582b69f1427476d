package import Reports

/// A program from which parts can be left out.
///
/// A region begins with a comment line `@fade N` and ends with `@end`; it is kept where the
/// scaffold is at least N. In its place stands what follows the number: `en: … | zh-Hans: …`.
/// A comment `@instead CODE` inside a region gives a line that stands in for it.
struct FadedSource {
  let text: String

  /// The program at a scaffold: 3 whole, 2 with blanks, 1 the frame.
  func rendered(scaffold: Int, language: ReportLanguage) -> String {
    var lines: [String] = []
    var isHidden = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.drop { $0 == " " }
      let indent = line.prefix(line.count - trimmed.count)
      let mark = trimmed.hasPrefix("#") ? "#" : trimmed.hasPrefix("//") ? "//" : nil
      let comment = mark.map { trimmed.dropFirst($0.count).drop { $0 == " " } } ?? ""
      if let mark, comment.hasPrefix("@fade ") {
        let rest = comment.dropFirst(6)
        let level = Int(rest.prefix { $0.isNumber }) ?? 0
        isHidden = scaffold < level
        guard isHidden else { continue }
        lines.append("\(indent)\(mark) TODO: \(Self.words(rest, language))")
      } else if mark != nil, comment.hasPrefix("@instead ") {
        if isHidden { lines.append(indent + String(comment.dropFirst(9))) }
      } else if mark != nil, comment == "@end" {
        isHidden = false
      } else if !isHidden {
        lines.append(String(line))
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The source without what only scaffolds above one show: markers and stand-in lines stay, so that every
  /// scaffold up to it is rendered as before.
  func redacted(above most: Int) -> String {
    var lines: [Substring] = []
    var isHidden = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.drop { $0 == " " }
      let mark = trimmed.hasPrefix("#") ? "#" : trimmed.hasPrefix("//") ? "//" : nil
      let comment = mark.map { trimmed.dropFirst($0.count).drop { $0 == " " } } ?? ""
      if comment.hasPrefix("@fade ") {
        isHidden = (Int(comment.dropFirst(6).prefix { $0.isNumber }) ?? 0) > most
        lines.append(line)
      } else if comment == "@end" {
        isHidden = false
        lines.append(line)
      } else if !isHidden || comment.hasPrefix("@instead ") {
        lines.append(line)
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func words(_ text: Substring, _ language: ReportLanguage) -> Substring {
    let parts = text.drop { $0.isNumber || $0 == " " }.split(separator: "|")
    let prefix = language == .chinese ? "zh-Hans:" : "en:"
    let found = parts.lazy.map { $0.drop { $0 == " " } }.first { $0.hasPrefix(prefix) }
    var words = (found?.dropFirst(prefix.count) ?? parts.first ?? "").drop { $0 == " " }
    while words.last == " " { words.removeLast() }
    return words
  }
}
