import Diagnostics
import Files
import Foundation
import Reports
import TestSupport
import Testing

@testable import Labs

/// The published schemas say what the code writes and reads.
@Suite struct SchemaTests {
  private func schema(_ name: String) throws -> [String: Any] {
    let path = SharedData.checkout + "/Documentation/schemas/" + name
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
    return try #require(json as? [String: Any])
  }

  @Test func aVerdictFollowsItsSchema() throws {
    let course = try Course(path: courseFolder)
    let lab = try #require(course.lab("L10"))
    let folder = try WorkFolder()
    for file in try StarterFiles(lab, "python").rendered(2, .english) {
      try AtomicFile.write(file.bytes, to: folder.path + "/" + file.name)
    }
    let state = try LabState(folder: folder.path + "/.state")
    let grader = Grader(course: course, lab: lab, tier: lab.tiers[0], learner: "learner:x")
    let verdict = try grader.submit(folder.path, state: state)
    let schema = try schema("verdict-1.json")
    let document = try JSONSerialization.jsonObject(with: Data(try verdict.json()))
    #expect(Self.problems(document, schema, "verdict") == [])
    // The check itself can fail.
    var damaged = try #require(document as? [String: Any])
    damaged["mode"] = "guess"
    damaged["extra"] = 1
    damaged["seconds"] = nil
    #expect(Self.problems(damaged, schema, "verdict").count == 3)
  }

  @Test func theCourseFollowsItsSchema() throws {
    let all = try #require(try schema("course-1.json")["$defs"] as? [String: [String: Any]])
    func check(_ path: String, _ name: String) throws {
      let value = try StrictYAML.read(courseFolder + "/" + path, as: path)
      #expect(Self.problems(Self.plain(value), try #require(all[name]), path) == [])
    }
    for name in ["course.yaml", "concepts.yaml", "glossary.yaml", "why.yaml"] {
      try check(name, name)
    }
    for id in Rubric.ids { try check("rubrics/\(id).yaml", "rubrics") }
    for language in ["en", "zh-Hans"] { try check("messages/\(language).yaml", "messages") }
    for lab in try Course(path: courseFolder).labs {
      for name in ["lab.yaml", "checks.yaml", "mutants.yaml", "hints.yaml"] {
        try check("labs/\(lab.folderName)/\(name)", name)
      }
    }
  }

  private static func plain(_ value: YAMLValue) -> Any {
    switch value.content {
    case .text(let text, let isPlain):
      if isPlain, let number = Double(text) { return number }
      if isPlain, let flag = Bool(text) { return flag }
      return text
    case .list(let elements): return elements.map(plain)
    case .mapping(let entries):
      return entries.reduce(into: [String: Any]()) { $0[$1.key] = plain($1.value) }
    }
  }

  /// What of JSON Schema these schemas use.
  private static func problems(_ value: Any, _ schema: [String: Any], _ path: String) -> [String] {
    if let choices = schema["anyOf"] as? [[String: Any]] {
      return choices.contains { problems(value, $0, path).isEmpty } ? [] : ["\(path): none fits"]
    }
    if let constant = schema["const"] as? NSObject {
      return constant.isEqual(value) ? [] : ["\(path): not \(constant)"]
    }
    if let allowed = schema["enum"] as? [String] {
      return (value as? String).map(allowed.contains) == true ? [] : ["\(path): not in \(allowed)"]
    }
    switch schema["type"] as? String {
    case "object":
      guard let object = value as? [String: Any] else { return ["\(path): no object"] }
      let known = schema["properties"] as? [String: [String: Any]] ?? [:]
      let required = schema["required"] as? [String] ?? []
      var found = required.filter { object[$0] == nil }.map { "\(path).\($0): missing" }
      for (key, member) in object {
        if let inner = known[key] ?? schema["additionalProperties"] as? [String: Any] {
          found += problems(member, inner, "\(path).\(key)")
        } else {
          found.append("\(path).\(key): unknown")
        }
      }
      return found
    case "array":
      guard let array = value as? [Any] else { return ["\(path): no array"] }
      let inner = schema["items"] as? [String: Any] ?? [:]
      return array.enumerated().flatMap { problems($1, inner, "\(path)[\($0)]") }
    case "string": return value is String ? [] : ["\(path): no text"]
    case "number", "integer", "boolean":
      return value is NSNumber || value is Double || value is Bool ? [] : ["\(path): no number"]
    default: return []
    }
  }
}
