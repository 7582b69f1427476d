import Graphs

extension Program {
  /// Makes one layer of pools that follow one another, each reading what the one before wrote.
  mutating func joinPools() {
    var joined: [Layer] = []
    for layer in layers {
      guard case .pools(let works) = layer.work, let last = joined.last,
        case .pools(let known) = last.work, known.last?.target == works.first?.source
      else {
        joined.append(layer)
        continue
      }
      var longer = last
      longer.name += "+" + layer.name
      longer.provenance = Provenance(merging: [last.provenance, layer.provenance])
      longer.work = .pools(known + works)
      joined[joined.count - 1] = longer
    }
    layers = joined
  }
}
