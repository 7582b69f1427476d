import Diagnostics
import Files
import TestSupport

@testable import Labs

/// The course of this checkout.
let courseFolder = SharedData.checkout + "/Course"

/// An empty folder that goes with the test, whatever is left in it.
final class WorkFolder {
  let path: String
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path
  }

  func write(_ text: String, _ name: String) throws {
    try AtomicFile.write(text, to: path + "/" + name)
  }
}

/// Gives the identifier of the error that a body throws.
func errorID(_ body: () throws -> Void) -> Diagnostic.ID? {
  do {
    try body()
    return nil
  } catch { return (error as? DeployError)?.id }
}

/// Whether this machine makes name spaces: where it does, the tests of strong isolation run.
let hasStrongIsolation = (try? IsolationLevel.reached()) == .strong
