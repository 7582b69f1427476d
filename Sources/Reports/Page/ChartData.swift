/// What a chart draws, as `charts.js` reads it. Axis titles are keys of the catalogue.
struct ChartData: Encodable {
  enum Kind: String, Encodable {
    case lines
    case bars
    case histogram
    case heatmap
    case waterfall
    case tree
    case roofline
    case skyline
  }

  /// Places on an axis: numbers, of which the unknown ones are left out, or names.
  enum Values: Encodable {
    case numbers([Double?])
    case texts([String])

    /// Numbers; what is not finite becomes unknown.
    static func finite(_ values: some Sequence<Double>) -> Values {
      .numbers(values.map { $0.isFinite ? $0 : nil })
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .numbers(let numbers): try container.encode(numbers)
      case .texts(let texts): try container.encode(texts)
      }
    }
  }

  struct Series: Encodable {
    var name = ""
    /// The key of its name, where it has one.
    var word: String?
    var x: Values
    var y: Values
    /// The ends of intervals around y (x where the chart lies).
    var low: [Double?]?
    var high: [Double?]?
    var text: [String]?
    /// plotly's mode of a line: `lines`, `markers`, `lines+markers`.
    var mode: String?
    var hue: Int?
    var sizes: [Double]?
    /// Of a skyline's blocks: where each begins on the vertical axis, and its hue.
    var bases: [Double]?
    var hues: [Int]?
  }

  struct Labels: Encodable {
    var x: [String]
    var y: [String] = []
  }

  struct Roof: Encodable {
    var name: String
    var x: [Double]
    var y: [Double]
  }

  var kind: Kind
  /// The keys of the axes' titles.
  var x: String?
  var y: String?
  var series: [Series] = []
  var logX: Bool?
  var logY: Bool?
  var rangeX: [Double]?
  var rangeY: [Double]?
  var horizontal: Bool?
  var height: Int?
  var labels: Labels?
  var z: [[Double]]?
  var text: [String]?
  var cells: [[String]]?
  /// Of a waterfall's bars: `absolute`, `relative` or `total`.
  var measures: [String]?
  var ids: [String]?
  var parents: [String]?
  /// A tree's own values, and those with all below.
  var values: [Double]?
  var totals: [Double]?
  var roofs: [Roof]?
  var sizeReference: Double?

  init(_ kind: Kind, x: String? = nil, y: String? = nil) {
    self.kind = kind
    self.x = x
    self.y = y
  }
}
