import Diagnostics
import Formats
import Tensors
import TestSupport
import Testing

/// Arrays written by NumPy: see Fixtures/Checkpoints/make_fixtures.py.
@Suite struct NPYFileTests {
  @Test func arraysOfNumPy() throws {
    let read = { try NPYFile.read(path: Fixture.path($0)) }
    #expect(try read("c_order.npy") == Tensor((0..<6).map(Float.init), shape: [2, 3]))
    #expect(try read("fortran.npy") == Tensor((0..<24).map(Int64.init), shape: [2, 3, 4]))
    #expect(try read("bool.npy") == Tensor([true, false, true], shape: [3]))
    #expect(try read("scalar.npy") == Tensor(scalar: Float16(1.5)))
    #expect(try read("version2.npy") == Tensor([UInt8](0..<3), shape: [3]))
    #expect(try read("version3.npy") == Tensor((0..<3).map(Int16.init), shape: [3]))
  }

  @Test func writtenAsNumPyWrites() throws {
    let file = TemporaryFile(suffix: ".npy")
    try NPYFile.write(try NPYFile.read(path: Fixture.path("c_order.npy")), to: file.path)
    let written = try NPYFile.read(path: file.path)
    #expect(try written.floats() == [0, 1, 2, 3, 4, 5])
    #expect(Fixture.bytes("c_order.npy") == Fixture.contents(file.path))
  }

  @Test func otherArraysAreRefused() throws {
    let big = #expect(throws: DeployError.self) {
      try NPYFile.read(path: Fixture.path("big.npy"))
    }
    #expect(big?.id == .npyUnsupported)
    var bytes = Fixture.bytes("c_order.npy")
    bytes.removeLast()
    let file = TemporaryFile(bytes, suffix: ".npy")
    let short = #expect(throws: DeployError.self) { try NPYFile.read(path: file.path) }
    #expect(short?.id == .npyDamaged)
  }
}
