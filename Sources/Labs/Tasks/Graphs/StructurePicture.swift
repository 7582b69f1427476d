import Images

/// Networks side by side: their nodes from top to bottom, with lines to what they read. A node has the same place in
/// every panel, so that what changed is seen at once.
struct StructurePicture {
  struct Node: Hashable {
    var name: String
    /// The nodes that it reads; other names are inputs of the network.
    var inputs: [String]
  }

  /// What is to be said of a node.
  enum Mark {
    /// It belongs to the network no longer, and that is right.
    case gone
    /// It is missing.
    case missing
    /// It is there and should not be.
    case extra
    /// It is there, and something about it is wrong.
    case wrong
    /// It belongs to the second of two parts.
    case second
  }

  private(set) var image: Image
  private static let ink = Color(red: 30, green: 30, blue: 30)
  private static let (boxWidth, boxHeight, gap, head) = (52, 11, 8, 12)

  /// - Parameter panels: a title, and the marks of nodes by name.
  init(_ nodes: [Node], _ panels: [(title: String, marks: [String: Mark])]) {
    let places = Self.places(nodes)
    let columns = (places.values.map(\.column).max() ?? 0) + 1
    let rows = (places.values.map(\.row).max() ?? 0) + 1
    let panelWidth = columns * (Self.boxWidth + Self.gap) + Self.gap
    image = Image(
      width: panelWidth * panels.count,
      height: Self.head + rows * (Self.boxHeight + Self.gap) + Self.gap,
      filledWith: .white
    )
    for (index, panel) in panels.enumerated() {
      let left = index * panelWidth
      image.draw(panel.title, x: left + Self.gap, y: 3, with: Self.ink)
      image.fill(x: left, y: 0, width: index > 0 ? 1 : 0, height: image.height, with: Self.ink)
      draw(nodes, places, panel.marks, left)
    }
  }

  /// Rows by the longest way from the input; columns in the order of the nodes.
  private static func places(_ nodes: [Node]) -> [String: (row: Int, column: Int)] {
    var places: [String: (row: Int, column: Int)] = [:]
    var counts: [Int: Int] = [:]
    for node in nodes {
      let row = (node.inputs.compactMap { places[$0]?.row }.max() ?? -1) + 1
      places[node.name] = (row, counts[row, default: 0])
      counts[row, default: 0] += 1
    }
    return places
  }

  private mutating func draw(
    _ nodes: [Node],
    _ places: [String: (row: Int, column: Int)],
    _ marks: [String: Mark],
    _ left: Int
  ) {
    func corner(_ name: String) -> (x: Int, y: Int)? {
      places[name].map { place in
        (
          left + Self.gap + place.column * (Self.boxWidth + Self.gap),
          Self.head + place.row * (Self.boxHeight + Self.gap)
        )
      }
    }
    let grey = Color(red: 190, green: 190, blue: 190)
    for node in nodes {
      guard let end = corner(node.name) else { continue }
      for source in node.inputs {
        guard let start = corner(source) else { continue }
        line(
          (start.x + Self.boxWidth / 2, start.y + Self.boxHeight),
          (end.x + Self.boxWidth / 2, end.y),
          grey
        )
      }
    }
    for node in nodes {
      guard let (x, y) = corner(node.name) else { continue }
      let mark = marks[node.name]
      if let color = Self.ground(mark) {
        image.fill(x: x, y: y, width: Self.boxWidth, height: Self.boxHeight, with: color)
      }
      let frame = mark == .missing ? Color(red: 213, green: 20, blue: 20) : Self.frame(mark)
      image.outline(
        x: x,
        y: y,
        width: Self.boxWidth,
        height: Self.boxHeight,
        thickness: 1,
        with: frame
      )
      // Colours alone are not enough: wrong things have a letter, too.
      let sign: String =
        [Mark.missing: "-", .extra: "+", .wrong: "!"].first { $0.key == mark }?.value ?? ""
      let words = String((sign + node.name).prefix(8))
      image.draw(words, x: x + 2, y: y + 2, with: mark == .gone ? grey : Self.ink)
    }
  }

  private static func ground(_ mark: Mark?) -> Color? {
    switch mark {
    case nil: Color(red: 200, green: 225, blue: 245)
    case .second: Color(red: 205, green: 235, blue: 205)
    case .extra: Color(red: 245, green: 190, blue: 110)
    case .wrong: Color(red: 245, green: 150, blue: 150)
    case .gone, .missing: nil
    }
  }

  private static func frame(_ mark: Mark?) -> Color {
    mark == .gone ? Color(red: 210, green: 210, blue: 210) : Color(red: 90, green: 90, blue: 90)
  }

  private mutating func line(_ start: (x: Int, y: Int), _ end: (x: Int, y: Int), _ color: Color) {
    let steps = max(1, max(abs(end.x - start.x), abs(end.y - start.y)))
    for step in 0...steps {
      let x = start.x + (end.x - start.x) * step / steps
      let y = start.y + (end.y - start.y) * step / steps
      image.fill(x: x, y: y, width: 1, height: 1, with: color)
    }
  }
}
