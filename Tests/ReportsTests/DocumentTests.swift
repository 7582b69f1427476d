import Backends
import Diagnostics
import Foundation
import Metrics
import TestSupport
import Testing

@testable import Reports

/// Documents of older and newer versions, the schema, and references that lead nowhere.
@Suite struct DocumentTests {
  @Test func everythingComesBack() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data = try encoder.encode(FullReport.make())
    let again = try JSONDecoder().decode(Report.self, from: data)
    #expect(try encoder.encode(again) == data)
    try again.checkReferences()
  }

  @Test func versionOneIsRead() throws {
    let json = """
      {"schemaVersion":1,"command":"deploy","date":"2026-01-01T00:00:00Z","environment":{},
      "subject":{"file":"a.pt","byteCount":1,"family":"YOLOv5n","task":"detect","classNames":[],
      "parameterCount":1,"gigaOperations":1,"inputSize":[64,64]},
      "stages":[],"checks":[],"pictures":[],"diagnostics":[]}
      """
    let report = try JSONDecoder().decode(Report.self, from: Data(json.utf8))
    #expect(report.schemaVersion == 1 && report.structure == nil && report.timelines.isEmpty)
  }

  @Test(arguments: [0, 3, 1000])
  func otherVersionsAreRefused(version: Int) {
    let json = Data("{\"schemaVersion\":\(version)}".utf8)
    let error = #expect(throws: DeployError.self) {
      try JSONDecoder().decode(Report.self, from: json)
    }
    #expect(error?.id == .reportVersion)
  }

  @Test func referencesThatLeadNowhereAreRefused() {
    func refused(_ change: (inout Report) -> Void) {
      var report = FullReport.make()
      change(&report)
      let error = #expect(throws: DeployError.self) { try report.checkReferences() }
      #expect(error?.id == .reportInconsistent)
    }
    refused { $0.structure?.stages[0].edges = [[0, 2]] }
    refused { $0.structure?.stages[0].edges = [[0]] }
    refused { $0.structure?.stages[0].edges = [[-1, 0]] }
    refused { $0.structure?.links[0].stage = 3 }
    refused { $0.structure?.links[0].stage = -1 }
    refused { $0.structure?.links[0].to = 9 }
    refused { $0.structure?.steps[0].sources = [7] }
    refused { $0.structure?.stages[0].nodes[0].group = -1 }
    refused { $0.timelines[0].spans[0].lane = 2 }
    refused { $0.memory?.surfaces[0].lastLayer = 3 }
    refused { $0.memory?.surfaces[1].firstLayer = 3 }
    refused { $0.memory?.surfaces[0].firstLayer = -1 }
    refused { $0.memory?.surfaces[0].offset = -1 }
    refused { $0.memory?.surfaces[0].byteCount = .max }
    refused { $0.memory?.peakByteCount = .max }
    refused { $0.timelines[0].spans[1].after = [1] }
    refused { $0.timelines[0].spans[0].parent = 0 }
    refused { $0.timelines[0].spans[0].duration = -1 }
    refused { $0.timelines[0].instants[0].lane = -1 }
    refused { $0.timelines[0].criticalPath = [3] }
  }

  @Test func documentsFitTheirSchema() throws {
    let folder = SharedData.checkout + "/Documentation/schemas/"
    let schema = try SchemaChecker(contentsOf: folder + "report-2.json")
    let data = try JSONEncoder().encode(FullReport.make())
    let document = try JSONSerialization.jsonObject(with: data)
    #expect(schema.problems(of: document) == [], "run Tools/report_schema.py")
    // The checker can fail, and knows what is missing, strange or of the wrong kind.
    var broken = try #require(document as? [String: Any])
    broken["subject"] = nil
    broken["stages"] = "x"
    broken["novelty"] = 1
    #expect(schema.problems(of: broken).count == 3)
  }

  @Test func theSchemaIsThatOfTheTypes() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", SharedData.checkout + "/Tools/report_schema.py", "--check"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "run Tools/report_schema.py")
  }
}

/// The part of JSON Schema that the published one uses.
private struct SchemaChecker {
  private let root: [String: Any]

  init(contentsOf path: String) throws {
    let data = try Data(contentsOf: URL(filePath: path))
    root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  func problems(of document: Any) -> [String] { check(document, root, "") }

  private func check(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
    if let reference = schema["$ref"] as? String {
      let name = String(reference.dropFirst("#/$defs/".count))
      guard let target = (root["$defs"] as? [String: Any])?[name] as? [String: Any] else {
        return ["\(place): no definition of \(name)"]
      }
      return check(value, target, place)
    }
    if let cases = schema["enum"] as? [String] {
      return cases.contains { $0 == value as? String } ? [] : ["\(place): \(value) is no case"]
    }
    switch schema["type"] as? String {
    case "string": return value is String ? [] : ["\(place): is no string"]
    case "integer", "number", "boolean":
      return value is NSNumber ? [] : ["\(place): is no number"]
    case "array":
      guard let items = value as? [Any] else { return ["\(place): is no array"] }
      let item = schema["items"] as? [String: Any] ?? [:]
      return items.enumerated().flatMap { check($1, item, "\(place)[\($0)]") }
    case "object": return checkObject(value, schema, place)
    default: return ["\(place): the schema has no type"]
    }
  }

  private func checkObject(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
    guard let object = value as? [String: Any] else { return ["\(place): is no object"] }
    let properties = schema["properties"] as? [String: Any] ?? [:]
    let required = schema["required"] as? [String] ?? []
    var problems = required.filter { object[$0] == nil }.map { "\(place).\($0): is missing" }
    for (key, content) in object {
      if let known = properties[key] as? [String: Any] {
        problems += check(content, known, "\(place).\(key)")
      } else if let other = schema["additionalProperties"] as? [String: Any] {
        problems += check(content, other, "\(place).\(key)")
      } else if schema["additionalProperties"] as? Bool == false {
        problems.append("\(place).\(key): is not in the schema")
      }
    }
    return problems
  }
}
