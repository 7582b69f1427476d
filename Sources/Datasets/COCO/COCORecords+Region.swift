extension JSONScanner {
  /// A segmentation: polygons, runs as numbers or runs as text; nil where there is none.
  mutating func region() throws -> Region? {
    switch try kind() {
    case .array: return try polygons()
    case .object: return try runs()
    default:
      try skip()
      return nil
    }
  }

  private mutating func polygons() throws -> Region? {
    let start = offset
    var polygons: [[Double]] = []
    try array { scanner in
      var polygon: [Double] = []
      try scanner.array { polygon.append(try $0.number()) }
      polygons.append(polygon)
    }
    guard polygons.allSatisfy({ $0.count % 2 == 0 && $0.allSatisfy(\.isFinite) }) else {
      throw invalid("a polygon is no list of finite pairs x, y", at: start)
    }
    return polygons.isEmpty ? nil : .polygons(polygons)
  }

  private mutating func runs() throws -> Region? {
    let start = offset
    var size: [Int] = []
    var counts: [Int] = []
    var text: String?
    try object { scanner, key in
      switch key {
      case "size": try scanner.array { size.append(try $0.integer("the size of a mask")) }
      case "counts":
        if try scanner.kind() == .string {
          text = try scanner.string()
        } else {
          try scanner.array { counts.append(try $0.integer("a run of a mask")) }
        }
      default: try scanner.skip()
      }
    }
    guard size.count == 2 else { throw invalid("a mask has no size [height, width]", at: start) }
    let mask =
      if let text {
        RunLengthMask(width: size[1], height: size[0], text: text.utf8)
      } else {
        RunLengthMask(width: size[1], height: size[0], runs: counts)
      }
    guard let mask else {
      throw invalid("the runs of a mask do not cover its \(size[1])×\(size[0]) pixels", at: start)
    }
    return .runs(mask)
  }
}
