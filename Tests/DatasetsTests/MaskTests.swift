import Datasets
import FoundationEssentials
import TestSupport
import Testing

@Suite struct MaskTests {
  private struct Case: Decodable {
    let width: Int
    let height: Int
    let polygons: [[Double]]
    let text: String
    let area: Int
    let bounds: [Double]
  }

  private func cases(file: String = #filePath) throws -> [Case] {
    let folder = file.split(separator: "/").dropLast().joined(separator: "/")
    let data = try Data(contentsOf: URL(filePath: "/\(folder)/Fixtures/masks.json"))
    return try JSONDecoder().decode([Case].self, from: data)
  }

  @Test func polygonsFillAsInPycocotools() throws {
    for test in try cases() {
      let region = Region.polygons(test.polygons)
      let mask = try #require(region.mask(width: test.width, height: test.height))
      #expect(mask.text == test.text)
      #expect(mask.area == test.area)
      let bounds = mask.bounds
      if test.area > 0 {
        #expect([bounds.x, bounds.y, bounds.width, bounds.height] == test.bounds)
      }
    }
  }

  @Test func textIsReadBack() throws {
    for test in try cases() {
      let mask = RunLengthMask(width: test.width, height: test.height, text: test.text.utf8)
      #expect(mask?.text == test.text)
      #expect(mask?.area == test.area)
    }
  }

  @Test func damagedTextIsRefused() throws {
    let test = try #require(try cases().first { $0.text.utf8.count > 8 })
    let text = Array(test.text.utf8)
    for count in 0..<text.count {
      let mask = RunLengthMask(width: test.width, height: test.height, text: text.prefix(count))
      #expect(mask == nil)
    }
    #expect(RunLengthMask(width: 4, height: 4, runs: [8, 9]) == nil)
    #expect(RunLengthMask(width: 4, height: 4, runs: [-1, 17]) == nil)
    #expect(RunLengthMask(width: .max, height: 2, runs: [1]) == nil)
  }

  @Test func overlapOfHalves() throws {
    let left = try #require(RunLengthMask(width: 4, height: 2, runs: [0, 4, 4]))
    let middle = try #require(RunLengthMask(width: 4, height: 2, runs: [2, 4, 2]))
    #expect(left.overlap(with: middle, isCrowd: false) == 2.0 / 6)
    #expect(left.overlap(with: middle, isCrowd: true) == 0.5)
    #expect(left.union(middle).area == 6)
  }
}
