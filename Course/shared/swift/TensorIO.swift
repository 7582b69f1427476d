// The files of the protocol between your program and the grader. You need not change this file.
//
// The grader compiles the .swift files of your folder into one program and starts it once, in a folder
// with in/ and out/. Where a lab asks for several programs, each is compiled without the others' files.
//
//     in/0001/...   what to read for case 1      out/0001/   where to write its answer
//     in/0002/...                                out/0002/
//
// Arrays are .npy files, the format of NumPy. To see what the compiler says, give it a program and
// the helpers that stand in its second line:
//
//     swiftc -O NAME.swift TensorIO.swift -o /tmp/program

import Foundation

/// The folders of all cases.
func cases() throws -> [(input: String, output: String)] {
  try FileManager.default.contentsOfDirectory(atPath: "in").sorted().map { ("in/\($0)", "out/\($0)") }
}

/// An array: its extents, and all numbers in one flat list, the last axis running fastest.
struct Numbers {
  var shape: [Int]
  var values: [Float]
}

/// A file or an answer that is not what it should be, in words that are shown where the program ends by it.
struct FileProblem: Error, CustomStringConvertible {
  var text: String
  var description: String { text }
}

/// The bytes of a file.
func readBytes(_ folder: String, _ name: String) throws -> [UInt8] {
  try Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
}

/// Reads an array of bytes or of float32.
func readNPY(_ folder: String, _ name: String) throws -> Numbers {
  let bytes = try readBytes(folder, name)
  let length = Int(bytes[8]) | Int(bytes[9]) << 8
  let header = String(decoding: bytes[10..<10 + length], as: UTF8.self)
  let inside = header.split(separator: "(")[1].split(separator: ")", omittingEmptySubsequences: false)[0]
  let shape = inside.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) }
  let body = bytes[(10 + length)...]
  if header.contains("u1") { return Numbers(shape: shape, values: body.map(Float.init)) }
  guard header.contains("<f4") else { throw FileProblem(text: "\(name) holds neither bytes nor float32") }
  return Numbers(shape: shape, values: floats(body))
}

/// Each four bytes as a number, the lowest byte first.
func floats(_ bytes: ArraySlice<UInt8>) -> [Float] {
  bytes.withUnsafeBytes { raw in
    (0..<raw.count / 4).map { index in
      Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
    }
  }
}

/// The same the other way round.
func bytes(_ floats: some Sequence<Float>) -> [UInt8] {
  floats.map(\.bitPattern.littleEndian).withUnsafeBytes(Array.init)
}

/// Writes an array of float32.
func writeNPY(_ folder: String, _ name: String, _ numbers: Numbers) throws {
  let shape = numbers.shape.map { "\($0)," }.joined()
  var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape))}"
  header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
  var data = Data([0x93] + "NUMPY".utf8 + [1, 0, UInt8(header.utf8.count), 0] + header.utf8)
  data.append(contentsOf: bytes(numbers.values))
  try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
}

/// Reads a JSON document into a type of yours.
func readJSON<Value: Decodable>(_ type: Value.Type, _ folder: String, _ name: String) throws -> Value {
  try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
}

/// Writes a value as a JSON document.
func writeJSON(_ folder: String, _ name: String, _ value: some Encodable) throws {
  try JSONEncoder().encode(value).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
}
