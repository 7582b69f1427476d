// The files of the protocol between your program and the grader. You need not change this file.
//
// The grader starts your program once, in a folder with in/ and out/:
//
//     in/0001/...   what to read for case 1      out/0001/   where to write its answer
//     in/0002/...                                out/0002/
//
// Arrays are .npy files, the format of NumPy. To try it: swiftc -O *.swift -o try

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

/// Reads an array of bytes or of float32.
func readNPY(_ folder: String, _ name: String) throws -> Numbers {
  let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
  let length = Int(data[8]) | Int(data[9]) << 8
  let header = String(decoding: data[10..<10 + length], as: UTF8.self)
  let inside = header.split(separator: "(")[1].split(separator: ")", omittingEmptySubsequences: false)[0]
  let shape = inside.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) }
  let body = data[(10 + length)...]
  if header.contains("u1") { return Numbers(shape: shape, values: body.map(Float.init)) }
  let values = stride(from: body.startIndex, to: body.endIndex, by: 4).map { at in
    Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(body[at + $1]) << UInt32(8 * $1) })
  }
  return Numbers(shape: shape, values: values)
}

/// Writes an array of float32.
func writeNPY(_ folder: String, _ name: String, _ numbers: Numbers) throws {
  let shape = numbers.shape.map { "\($0)," }.joined()
  var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape))}"
  header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
  var data = Data([0x93] + "NUMPY".utf8 + [1, 0, UInt8(header.utf8.count), 0] + header.utf8)
  for value in numbers.values {
    for byte in 0..<4 { data.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * byte))) }
  }
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
