import CNativeKernels
import Glibc
import TestSupport

/// The sets of instructions that this machine has, and the emulated one.
let availableSets: [native_isa] =
  (0...native_best_isa().rawValue).map { native_isa($0) } + [NATIVE_AMX_EMULATED]

let types = [NATIVE_F32, NATIVE_BF16, NATIVE_U8]

/// The activations as mathematics has them.
func exactActivation(
  _ x: Double,
  _ activation: native_activation,
  alpha: Double,
  beta: Double
) -> Double {
  switch activation {
  case NATIVE_SILU: x / (1 + exp(-x))
  case NATIVE_RELU: max(x, 0)
  case NATIVE_LEAKY_RELU: x < 0 ? alpha * x : x
  case NATIVE_HARD_SWISH: x * min(max(x / 6 + 0.5, 0), 1)
  case NATIVE_SIGMOID: 1 / (1 + exp(-x))
  case NATIVE_HARD_SIGMOID: min(max(alpha * x + beta, 0), 1)
  case NATIVE_CLIP: min(max(x, alpha), beta)
  case NATIVE_TANH: tanh(x)
  case NATIVE_MISH: x * tanh(log1p(exp(x)))
  default: x
  }
}

/// An epilogue with random choices, and what it makes of a sum.
final class TestEpilogue {
  private(set) var epilogue: native_epilogue
  let bias: AlignedArray<Float>
  let scale: AlignedArray<Float>
  let residual: TestView?
  /// Where SiLU is computed in 16 bits: its tables, factors and offsets.
  private let silu = AlignedArray(repeating: native_silu(), count: 1)
  private let factor: AlignedArray<Float>
  private let offset: AlignedArray<Float>

  /// - Parameter lanes: channels, padded to whole blocks.
  init(
    inputType: native_type,
    output: TestView,
    lanes: Int,
    using random: inout SeededGenerator
  ) {
    bias = AlignedArray(repeating: 0, count: lanes)
    scale = AlignedArray(repeating: 0, count: lanes)
    factor = AlignedArray(repeating: 0, count: lanes)
    offset = AlignedArray(repeating: 0, count: lanes)
    for lane in 0..<lanes {
      bias[lane] = .random(in: -2...2, using: &random)
      scale[lane] = .random(in: 0.0001...0.005, using: &random)
    }
    let order = Int32.random(in: 0...2, using: &random)
    let isSilu = inputType == NATIVE_U8 && Int.random(in: 0...2, using: &random) == 0
    let activation = isSilu ? NATIVE_SILU : native_activation(.random(in: 0...9, using: &random))
    if order > 0 {
      let type =
        Bool.random(using: &random) ? output.view.type : types.randomElement(using: &random)
      residual = TestView(
        type ?? NATIVE_F32,
        output.height,
        output.width,
        output.channels,
        gap: .random(in: 0...5, using: &random),
        filled: true,
        scale: 0.0125,
        zero: 117,
        using: &random
      )
    } else {
      residual = nil
    }
    epilogue = native_epilogue(
      bias: Int.random(in: 0...7, using: &random) > 0 ? bias.pointer : nil,
      scale: inputType == NATIVE_U8 ? scale.pointer : nil,
      activation: activation,
      alpha: activation == NATIVE_CLIP ? -0.7 : 0.13,
      beta: 0.8,
      residual_order: order,
      residual: residual?.view ?? native_view(),
      silu: nil
    )
    var view = output.view
    if Int.random(in: 0...3, using: &random) > 0,
      native_silu_prepare(
        silu.pointer,
        &epilogue,
        &view,
        Int32(lanes),
        1 << 25,
        factor.pointer,
        offset.pointer
      ) != 0
    {
      epilogue.silu = UnsafePointer(silu.pointer)
    }
  }

  /// What the header says that SiLU in 16 bits may be off by.
  var siluError: Double {
    guard let silu = epilogue.silu else { return 0 }
    return 2.25 / Double(1 << silu.pointee.fraction_bits)
  }

  /// In double precision, except that a byte input's sum is scaled in float.
  func exact(_ sum: Double, _ y: Int, _ x: Int, _ c: Int) -> Double {
    var value = epilogue.scale == nil ? sum : Double(Float(sum) * scale[c])
    if epilogue.bias != nil { value += Double(bias[c]) }
    let added = residual.map { Double($0.value(y, x, c)) } ?? 0
    if epilogue.residual_order == 2 { value += added }
    value = exactActivation(
      value,
      epilogue.activation,
      alpha: Double(epilogue.alpha),
      beta: Double(epilogue.beta)
    )
    return epilogue.residual_order == 1 ? value + added : value
  }

  /// The byte that the header defines for an integer sum.
  func byte(_ sum: Int, _ y: Int, _ x: Int, _ c: Int, _ output: native_view) -> Int {
    if let silu = epilogue.silu {
      return definedSilu(silu.pointee, c, sum, residual?.integer(y, x, c) ?? 0)
    }
    var value = Float(Int32(sum)) * scale[c]
    if epilogue.bias != nil { value += bias[c] }
    let added = residual?.value(y, x, c) ?? 0
    if epilogue.residual_order == 2 { value += added }
    value = native_byte_activation(
      value,
      epilogue.activation,
      epilogue.alpha,
      epilogue.beta
    )
    if epilogue.residual_order == 1 { value += added }
    return definedByte(value, output)
  }
}

/// SiLU in 16 bits, as the header writes it down.
func definedSilu(_ silu: native_silu, _ channel: Int, _ sum: Int, _ residual: Int) -> Int {
  func saturated(_ value: Int) -> Int { min(max(value, -32768), 32767) }
  func times(_ a: Int, _ b: Int) -> Int { (a * b + 1 << 14) >> 15 }
  guard let factor = silu.factor, let offset = silu.offset else { return -1 }
  let value = offset[channel].addingProduct(Float(sum), factor[channel])
  let t = saturated(Int(value.rounded(.toNearestOrEven)))
  let u = abs(t)
  let piece = u / 1024 % 32
  let f = (u % 1024) * 64 - 1 << 15
  let (constant, linear, square) = (
    withUnsafeBytes(of: silu.constant) { Int($0.load(fromByteOffset: 2 * piece, as: Int16.self)) },
    withUnsafeBytes(of: silu.linear) { Int($0.load(fromByteOffset: 2 * piece, as: Int16.self)) },
    withUnsafeBytes(of: silu.square) { Int($0.load(fromByteOffset: 2 * piece, as: Int16.self)) }
  )
  var g = times(times(square, f) + linear, f) + constant
  g = saturated(g + times(residual * 128, Int(silu.residual_factor)))
  return min(max(saturated(g + max(t, 0)) >> Int(silu.fraction_bits), 0), 255)
}

/// Times 1 / scale, to the nearest with halves to even, plus zero, saturated.
func definedByte(_ value: Float, _ view: native_view) -> Int {
  let steps = (value * (1 / view.scale)).rounded(.toNearestOrEven)
  return Int(min(max(Double(steps) + Double(view.zero), 0), 255))
}

/// How far an element may be from the exact value.
/// - Parameter sumError: what the sum itself may be off by.
func tolerance(_ view: native_view, _ exact: Double, sumError: Double) -> Double {
  switch view.type {
  case NATIVE_BF16: abs(exact) / 220 + 1e-4 + sumError
  // Half a step, and a little for the other side of a half.
  case NATIVE_U8: Double(view.scale) * 0.51 + 2e-4 + abs(exact) * 1e-5 + sumError
  default: abs(exact) * 3e-6 + 3e-6 + sumError
  }
}

/// The exact value as near as the view's range lets it come.
func saturated(_ exact: Double, _ view: native_view) -> Double {
  guard view.type == NATIVE_U8 else { return exact }
  let scale = Double(view.scale)
  let zero = Double(view.zero)
  return min(max(exact, -zero * scale), (255 - zero) * scale)
}

/// The worst ratio of error to tolerance over a picture, and where it is.
func worstError(
  of view: TestView,
  sumError: Double,
  _ exact: (Int, Int, Int) -> Double
) -> (ratio: Double, place: String) {
  var worst = (ratio: 0.0, place: "")
  for y in 0..<view.height {
    for x in 0..<view.width {
      for c in 0..<view.channels {
        let expected = saturated(exact(y, x, c), view.view)
        let actual = Double(view.value(y, x, c))
        let ratio = abs(actual - expected) / tolerance(view.view, expected, sumError: sumError)
        if !(ratio <= worst.ratio) {
          worst = (ratio, "(\(y), \(x), \(c)): \(actual) for \(expected)")
        }
      }
    }
  }
  return worst
}
