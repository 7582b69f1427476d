import Crypto
import Synchronization

/// Who is logged in: tokens live in memory, as digests, for half a day.
final class SessionStore: Sendable {
  private struct Session {
    var user: String
    /// Of the password that it began with: another one ends it.
    var mark: String
    var end: ContinuousClock.Instant
  }
  private let sessions = Mutex<[String: Session]>([:])
  private let key = SymmetricKey(size: .bits256)
  private static let lifetime = Duration.seconds(12 * 3600)
  private static let limit = 10_000

  /// Logs a user in.
  /// - Returns: the token, 256 random bits.
  func begin(_ user: UserStore.User) -> String {
    let token = Token.random()
    let now = ContinuousClock.now
    sessions.withLock { sessions in
      if sessions.count >= Self.limit {
        sessions = sessions.filter { $0.value.end > now }
        if sessions.count >= Self.limit,
          let oldest = sessions.min(by: { $0.value.end < $1.value.end })
        {
          sessions[oldest.key] = nil
        }
      }
      sessions[Token.digest(token)] = Session(
        user: user.name,
        mark: user.mark,
        end: now + Self.lifetime
      )
    }
    return token
  }

  /// Whose a token is, of those who may log in; nil for one that was never given, has ended, was made up, or
  /// began with a password that is no longer the person's.
  func user(_ token: String, among users: [UserStore.User]) -> UserStore.User? {
    sessions.withLock { sessions in
      guard let session = sessions[Token.digest(token)] else { return nil }
      guard session.end > .now,
        let user = users.first(where: { $0.name == session.user }), user.mark == session.mark
      else {
        sessions[Token.digest(token)] = nil
        return nil
      }
      return user
    }
  }

  /// Ends a session.
  func end(_ token: String) { sessions.withLock { $0[Token.digest(token)] = nil } }

  /// What a form must carry to be taken for one of this browser's own: bound to its token, made by
  /// this process.
  func formToken(_ token: String) -> String { Token.code(token, key: key) }
}

/// How often somebody may try: so many times in a quarter of an hour.
final class RateLimit: Sendable {
  private struct Tries {
    var count = 0
    var since = ContinuousClock.now
  }
  private let tries = Mutex<[String: Tries]>([:])
  private let most: Int
  private let window: Duration

  init(most: Int, window: Duration = .seconds(900)) {
    self.most = most
    self.window = window
  }

  /// Counts a try of somebody.
  /// - Returns: whether it may go on.
  func take(_ who: String) -> Bool {
    tries.withLock { tries in
      let now = ContinuousClock.now
      if tries.count > 20_000 { tries = tries.filter { now - $0.value.since < window } }
      // Whoever fills the table keeps others out for a while, not the memory full.
      guard tries.count <= 20_000 || tries[who] != nil else { return false }
      var entry = tries[who] ?? Tries()
      if now - entry.since >= window { entry = Tries() }
      entry.count += 1
      tries[who] = entry
      return entry.count <= most
    }
  }

  /// Forgets somebody's tries, after a right one.
  func clear(_ who: String) { tries.withLock { $0[who] = nil } }
}
