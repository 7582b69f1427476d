import Backends

extension PageBuilder {
  /// A plan's memory: what lies where, from which layer to which.
  mutating func memory(_ memory: PlanMemory) -> [Block] {
    guard !memory.surfaces.isEmpty else { return [] }
    let (peak, sum) = (Double(memory.peakByteCount), Double(memory.summedByteCount))
    let least = Double(memory.usedByteCounts.max() ?? 0)
    let rows = memory.surfaces.map { surface in
      [
        surface.name, surface.element, Self.megabytes(Double(surface.offset)),
        Self.megabytes(Double(surface.byteCount)), "\(surface.firstLayer) … \(surface.lastLayer)",
        surface.parts.joined(separator: " "),
      ]
    }
    let columns = [
      "column.value", "column.element", "column.offset", "axis.size", "column.lifetime",
      "column.parts",
    ]
    return [
      .paragraph(
        .word(
          "arena.intro",
          "\(memory.surfaces.count)",
          Self.megabytes(peak),
          Self.megabytes(sum),
          HTML.decimal(peak > 0 ? sum / peak : 0, 1),
          Self.megabytes(least)
        )
      ),
      charts([
        PageChart(
          title: .word("chart.arena"),
          data: skyline(memory),
          table: PageTable(columns, texts: rows, numeric: [2, 3])
        )
      ]),
    ]
  }

  /// Blocks over layers, and how much of the memory is in use.
  private func skyline(_ memory: PlanMemory) -> ChartData {
    let surfaces = memory.surfaces
    var chart = ChartData(.skyline, x: "axis.layer", y: "axis.offset")
    var blocks = ChartData.Series(
      // Bars are placed by their middle.
      x: .finite(surfaces.map { Double($0.firstLayer + $0.lastLayer) / 2 }),
      y: .finite(surfaces.map { Double($0.byteCount) / 1e6 })
    )
    blocks.sizes = surfaces.map { Double($0.lastLayer - $0.firstLayer + 1) }
    blocks.bases = surfaces.map { Double($0.offset) / 1e6 }
    blocks.hues = surfaces.indices.map { $0 }
    blocks.text = surfaces.map { surface in
      "\(surface.name)<br>\(surface.element) \(Self.megabytes(Double(surface.byteCount))) MB, "
        + "\(memory.layers[surface.firstLayer]) … \(memory.layers[surface.lastLayer])"
    }
    var used = ChartData.Series(
      word: "arena.used",
      x: .finite(memory.layers.indices.map(Double.init)),
      y: .finite(memory.usedByteCounts.map { Double($0) / 1e6 })
    )
    used.text = memory.layers
    chart.series = [blocks, used]
    chart.height = 440
    return chart
  }

  private static func megabytes(_ bytes: Double) -> String { HTML.decimal(bytes / 1e6, 2) }
}
