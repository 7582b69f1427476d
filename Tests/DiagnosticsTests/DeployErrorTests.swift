import Diagnostics
import Foundation
import Testing

@Suite struct DeployErrorTests {
  struct Stranger: Error {}

  @Test func chainGoesDownToTheFirstCause() {
    let inner = DeployError("area.inner", "broken", cause: Stranger())
    let middle = DeployError("area.middle", "wrong", cause: inner)
    let outer = DeployError("area.outer", "no", cause: middle)
    #expect(outer.chain.map(\.id) == ["area.outer", "area.middle", "area.inner"])
  }

  @Test func descriptionHasPlacesRemediesNotesAndCauses() {
    let cause = DeployError("area.inner", "broken", at: .node("conv"))
    let note = Diagnostic(.note, "area.note", "seen here first", at: .module("model.0"))
    let error = DeployError(
      "area.outer",
      "no",
      at: .file(path: "a.pt", byteOffset: 7),
      remedy: "do that",
      notes: [note],
      cause: cause
    )
    #expect(
      error.description == """
        error[area.outer]: a.pt (byte 7): no
          try: do that
        note[area.note]: module 'model.0': seen here first
          because: error[area.inner]: node 'conv': broken
        """
    )
  }

  @Test func inFileNamesTheFileOnlyWhereNoneIsNamed() {
    #expect(DeployError("a.b", "c").inFile("x").diagnostics[0].location == .file(path: "x"))
    let offset = DeployError("a.b", "c", at: .file(path: "", byteOffset: 5)).inFile("x")
    #expect(offset.diagnostics[0].location == .file(path: "x", byteOffset: 5))
    let named = DeployError("a.b", "c", at: .file(path: "y")).inFile("x")
    #expect(named.diagnostics[0].location == .file(path: "y"))
    let node = DeployError("a.b", "c", at: .node("n"), cause: Stranger()).inFile("x")
    #expect(node.diagnostics[0].location == .node("n"))
    #expect(node.cause is Stranger)
  }
}
