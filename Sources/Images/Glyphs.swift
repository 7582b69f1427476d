/// A font of our own: ASCII 32 to 126, five pixels wide and seven high.
enum Glyphs {
  static let width = 5
  static let height = 7
  /// The distance from one character to the next, in unscaled pixels.
  static let advance = 6
  /// The height of a line with its margins, in unscaled pixels.
  static let lineHeight = 10

  /// Seven rows per character from the top; each row is one digit of base 32, its highest bit
  /// the left pixel.
  private static let rows = Array(
    """
    0000000 4444404 aa00000 aavavaa 4fke5u4 op248j3 cik8lid 4400000 2488842 8422248 04lel40 044v440
    0000c48 000v000 00000cc 122488g ehjlphe 4c4444e eh1248v v2421he 26aiv22 vgu11he 68guhhe v124888
    ehhehhe ehhf12c 0cc0cc0 0cc0c48 248g842 00v0v00 8421248 eh12404 eh1dlle ehhvhhh uhhuhhu ehggghe
    sihhhis vgguggv vgguggg ehgnhhf hhhvhhh e44444e 72222ic hikokih ggggggv hrllhhh hhpljhh ehhhhhe
    uhhuggg ehhhlid uhhukih fgge11u v444444 hhhhhhe hhhhha4 hhhllla hha4ahh hhha444 v1248gv e88888e
    g884221 e22222e 4ah0000 000000v 8420000 00e1fhf ggmphhu 00egghe 11djhhf 00ehvge 698s888 00fhf1e
    ggmphhh 40c444e 20622ic ggikoki c44444e 00qllhh 00mphhh 00ehhhe 00uhugg 00djf11 00mpggg 00fge1u
    88s8896 00hhhjd 00hhha4 00hhlla 00ha4ah 00hhf1e 00v248v 2448442 4444444 8442448 008l200
    """.utf8
  ).filter { $0 > 32 }.map { $0 < 58 ? $0 - 48 : $0 - 87 }

  /// The seven rows of a character; `?` where it has none.
  static func rows(of character: Character) -> ArraySlice<UInt8> {
    let code = Int(character.asciiValue ?? 63)
    let index = (32..<127).contains(code) ? code - 32 : 31
    return rows[7 * index..<7 * index + 7]
  }
}
