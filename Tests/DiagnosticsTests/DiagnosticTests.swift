import Diagnostics
import Foundation
import Testing

@Suite struct DiagnosticTests {
  @Test func identifierIsPlainTextInJSON() throws {
    let diagnostic = Diagnostic(.warning, "area.problem", "said", remedy: "do")
    let data = try JSONEncoder().encode(diagnostic)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["id"] as? String == "area.problem")
    #expect(object["severity"] as? String == "warning")
    #expect(object["message"] as? String == "said")
    #expect(object["remedy"] as? String == "do")
    #expect(object["location"] == nil)
  }

  @Test(arguments: [
    Diagnostic.Location.file(path: "a/\"b\"\n.pt", byteOffset: 3), .file(path: "a"),
    .module("model.24.m.1"), .node("n"), .value("v"), .option("--conf"),
  ])
  func everyLocationSurvivesJSON(location: Diagnostic.Location) throws {
    let diagnostic = Diagnostic(.error, "area.problem", "text ✓", at: location)
    let data = try JSONEncoder().encode(diagnostic)
    #expect(try JSONDecoder().decode(Diagnostic.self, from: data) == diagnostic)
  }

  @Test func unknownSeverityIsRefused() {
    let text = #"{"severity":"fatal","id":"a.b","message":"c"}"#
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Diagnostic.self, from: Data(text.utf8))
    }
  }
}
