import Glibc

/// Engines that `Scripts/setup` unpacked for the tests.
public enum Engines {
  /// `VITRINE_CACHE`, or `.cache` in the checkout.
  public static let cache: String = {
    let stated = getenv("VITRINE_CACHE").map { String(cString: $0) }
    return stated ?? SharedData.checkout + "/.cache"
  }()

  /// `engines` in the cache.
  public static let folder = cache + "/engines"
}
