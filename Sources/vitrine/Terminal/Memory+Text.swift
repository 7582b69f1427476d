import Backends

extension PlanMemory {
  /// Peak against sum, how the use rises and falls, and every value's place.
  var text: String {
    var table = Table(["offset", "size", "layers", "elements", "value"], numeric: [0, 1])
    for surface in surfaces {
      let parts = surface.parts.isEmpty ? "" : " (with \(surface.parts.joined(separator: ", ")))"
      table.add([
        "\(surface.offset)", bytes(surface.byteCount),
        "\(surface.firstLayer)…\(surface.lastLayer)" + (surface.isExclusive ? " alone" : ""),
        surface.element, surface.name + parts,
      ])
    }
    let ratio = peakByteCount > 0 ? Double(summedByteCount) / Double(peakByteCount) : 0
    return """
      \(Style.bold("memory"))  \(bytes(peakByteCount)) for \(surfaces.count) values; each in a place of \
      its own \(bytes(summedByteCount)) (\(decimal(ratio, 1)) times)
      in use   \(skyline) at most \(bytes(usedByteCounts.max() ?? 0))

      \(table.text)
      """
  }

  /// The use over the layers, in eighths of the peak.
  private var skyline: String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    let used = usedByteCounts
    let width = min(72, used.count)
    guard width > 0, peakByteCount > 0 else { return "" }
    return String(
      (0..<width).map { column -> Character in
        let range = (column * used.count / width)..<((column + 1) * used.count / width)
        let share = Double(used[range].max() ?? 0) / Double(peakByteCount)
        return blocks[min(max(Int(share * 8), 0), 7)]
      }
    )
  }
}
