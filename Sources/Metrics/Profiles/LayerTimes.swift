public import Backends
import Graphs

/// Keeps the layer times that a session tells over several runs.
public final class LayerTimes: SessionObserver {
  /// One layer over all runs.
  private struct Series {
    let info: LayerInfo
    var milliseconds: [Double] = []
  }

  private var series: [Series] = []
  /// The layers' places by name and how often the name occurred before in the run.
  private var places: [String: Int] = [:]
  private var seen: [String: Int] = [:]
  /// The time of each whole run, in milliseconds.
  public private(set) var totals: [Double] = []
  /// What the layers did not explain of each whole run, in milliseconds.
  private var rests: [Double] = []
  private var explained = 0.0

  /// Creates an empty record.
  public init() {}

  /// Notes a layer.
  public func session(_ session: any Session, didRun layer: LayerInfo, in duration: Duration) {
    let count = seen[layer.name, default: 0]
    seen[layer.name] = count + 1
    let key = count == 0 ? layer.name : "\(layer.name)\u{0}\(count)"
    let place = places[key] ?? series.count
    if place == series.count {
      places[key] = place
      series.append(Series(info: layer))
    }
    series[place].milliseconds.append(duration / .milliseconds(1))
    explained += duration / .milliseconds(1)
  }

  /// Notes the end of a run's computation.
  public func session(_ session: any Session, didFinish phase: RunPhase, in duration: Duration) {
    guard phase == .compute else { return }
    let total = duration / .milliseconds(1)
    totals.append(total)
    rests.append(max(0, total - explained))
    explained = 0
    seen = [:]
  }

  /// A whole run made of medians, in milliseconds: the sum of the layers' medians and the median of
  /// what lay between layers. Unlike the median of whole runs it adds up, and a run that was
  /// interrupted in one place does not count everywhere. Nil where nothing ran.
  public var typicalTotal: Double? {
    Self.median(rests).map { rest in rest + layers.reduce(0) { $0 + ($1.milliseconds ?? 0) } }
  }

  /// The layers in the order of the first run, each with its median time.
  public var layers: [LayerMeasurement] {
    series.map { series in
      LayerMeasurement(
        name: series.info.name,
        tactic: series.info.tactic,
        modules: series.info.provenance.modules,
        nodes: series.info.provenance.nodes,
        precision: Self.precision(of: series.info.tactic),
        milliseconds: Self.median(series.milliseconds)
      )
    }
  }

  /// The middle value (the mean of the two middle ones); nil where there is none.
  public static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// The element type that an implementation's name gives away: `brgconv_avx512_amx_bf16`,
  /// `jit_avx512_f32`, `QLinearConv`; empty where it gives none.
  static func precision(of tactic: String) -> String {
    let words = tactic.lowercased().split { !$0.isLetter && !$0.isNumber }
    for word in words.reversed() {
      switch word {
      case "f32", "fp32": return "float32"
      case "bf16": return "bfloat16"
      case "f16", "fp16": return "float16"
      case "i8", "u8", "s8", "int8": return "int8"
      default: continue
      }
    }
    return tactic.hasPrefix("QLinear") || tactic.hasSuffix("Integer") ? "int8" : ""
  }
}
