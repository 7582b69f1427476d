import Metrics

/// The layers of a profile by module path, for the sorted map, and what bounds each module.
struct ProfileTree {
  /// The id of the whole; no module is called so.
  private static let root = "/"
  private var ids: [String] = []
  private var labels: [String] = []
  private var parents: [String] = []
  private var own: [Double] = []
  private var totals: [Double] = []
  private var places: [String: Int] = [:]

  init(_ profile: LayerProfile) {
    _ = place(Self.root, label: profile.model, parent: "")
    for (index, layer) in profile.layers.enumerated() {
      guard let time = layer.milliseconds, time > 0, time.isFinite else { continue }
      let paths = layer.modules.isEmpty ? ["–"] : layer.modules
      for path in paths {
        let share = time / Double(paths.count)
        let leaf = "\(path)#\(index)"
        let label = layer.operators.isEmpty ? layer.name : layer.operators.joined(separator: " + ")
        let node = place(leaf, label: label, parent: place(of: path))
        own[node] += share
        var up: String? = leaf
        while let id = up, let index = places[id] {
          totals[index] += share
          up = parents[index]
        }
      }
    }
    if let between = profile.betweenLayersMilliseconds, between > 0 {
      let node = place("…", label: "…", parent: Self.root)
      own[node] = between
      totals[node] = between
      totals[0] += between
    }
  }

  /// The chart's data: a treemap or an icicle.
  var chart: ChartData {
    var chart = ChartData(.tree)
    chart.ids = ids
    chart.parents = parents
    chart.values = own
    chart.totals = totals
    chart.labels = ChartData.Labels(x: labels)
    chart.text = totals.map { "\(HTML.decimal($0, 3)) ms" }
    return chart
  }

  /// The id of a module, made with all above it.
  private mutating func place(of path: String) -> String {
    var id = Self.root
    for part in Self.parts(of: path) {
      let next = id == Self.root ? part : "\(id).\(part)"
      _ = place(next, label: next, parent: id)
      id = next
    }
    return id
  }

  /// `model.4`, `m`, `0` of `model.4.m.0`: a layer of the checkpoint is one part.
  private static func parts(of path: String) -> [String] {
    let words = path.split(separator: ".").prefix(12).map(String.init)
    guard words.count > 1 else { return words }
    return ["\(words[0]).\(words[1])"] + words.dropFirst(2)
  }

  private mutating func place(_ id: String, label: String, parent: String) -> Int {
    if let known = places[id] { return known }
    places[id] = ids.count
    ids.append(id)
    labels.append(label)
    parents.append(parent)
    own.append(0)
    totals.append(0)
    return ids.count - 1
  }

  /// What most of a module's time is bound by, and the share of the attainable that its layers
  /// reach, weighted by time.
  static func bounds(_ profile: LayerProfile) -> [String: (bound: LayerBound, share: Double?)] {
    var times: [String: [LayerBound: Double]] = [:]
    var shares: [String: (sum: Double, time: Double)] = [:]
    for layer in profile.layers {
      guard let bound = layer.bound, let time = layer.milliseconds else { continue }
      let paths = layer.modules.isEmpty ? [""] : layer.modules
      for path in paths {
        let module = path.split(separator: ".").prefix(2).joined(separator: ".")
        let part = time / Double(paths.count)
        times[module, default: [:]][bound, default: 0] += part
        let known = shares[module] ?? (0, 0)
        shares[module] = (known.sum + part * (layer.shareOfPeak ?? 0), known.time + part)
      }
    }
    return times.compactMapValues { $0.max { $0.value < $1.value }?.key }
      .reduce(into: [:]) { result, entry in
        let share = shares[entry.key].flatMap { $0.time > 0 ? $0.sum / $0.time : nil }
        result[entry.key] = (entry.value, share)
      }
  }
}
