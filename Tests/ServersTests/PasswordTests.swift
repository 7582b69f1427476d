import Connections
import Files
import Labs
import Testing

@testable import Servers

/// Another password ends every session that began with the old one.
@Suite(.serialized) struct PasswordTests {
  private let old = "annas password"
  private let new = "annas other password"

  private func change(_ browser: SiteBench.Browser, old: String, new: String, again: String? = nil)
    async -> WebReply
  {
    await browser.post("/account", ["old": old, "new": new, "again": again ?? new])
  }

  @Test func ownChangeEndsOtherSessions() async throws {
    let bench = try SiteBench()
    var here = bench.browser("anna")
    let elsewhere = bench.browser("anna")
    let ben = bench.browser("ben")
    #expect(await here.get("/account").status == 200)
    #expect(await change(here, old: "guess", new: new).status == 403)
    #expect(await change(here, old: old, new: new, again: "different one").status == 422)
    #expect(await change(here, old: old, new: "short").status == 422)
    #expect(await elsewhere.get("/report").status == 200)
    let reply = await change(here, old: old, new: new)
    #expect(reply.status == 303)
    let cookie = try #require(reply.header("Set-Cookie"))
    let given = String(cookie.dropFirst("vitrine_session=".count).prefix { $0 != ";" })
    #expect(given != here.token)
    // The old token is of no use, not even here; the new one is.
    #expect(await here.get("/report").status == 303)
    #expect(await elsewhere.get("/report").status == 303)
    here.token = given
    #expect(await here.get("/report").status == 200)
    #expect(await ben.get("/report").status == 200)
    let stranger = bench.stranger()
    #expect(await stranger.post("/login", ["name": "anna", "password": old]).status == 403)
    #expect(await stranger.post("/login", ["name": "anna", "password": new]).status == 303)
  }

  @Test func aTeachersResetEndsAllSessions() async throws {
    let bench = try SiteBench()
    let (first, second) = (bench.browser("anna"), bench.browser("anna"))
    let (ben, wu) = (bench.browser("ben"), bench.browser("wu"))
    let place = "/teacher/learners/\(LabState.learnerID("anna"))/password"
    #expect(await ben.post(place, ["new": new]).status == 403)
    #expect(await wu.post(place, ["new": "short"]).status == 422)
    #expect(await first.get("/report").status == 200)
    #expect(await wu.get(String(place.dropLast("/password".count))).text.contains(place))
    #expect(await wu.post(place, ["new": new]).status == 303)
    for browser in [first, second] { #expect(await browser.get("/report").status == 303) }
    #expect(await wu.get("/teacher").status == 200)
    // Teachers are not reset by one another.
    let teacher = "/teacher/learners/\(LabState.learnerID("wu"))/password"
    #expect(await wu.post(teacher, ["new": new]).status == 404)
    let events = try bench.site.desk.log.events()
    #expect(events.last?.type == "password-reset" && events.last?.data["by"] == "wu")
  }

  /// A password that another process has changed (`vitrine lab user add`), and a user who was removed.
  @Test func changesFromTheTerminalCountToo() async throws {
    let bench = try SiteBench()
    let (anna, ben) = (bench.browser("anna"), bench.browser("ben"))
    let store = UserStore(folder: bench.folder.path)
    try store.set("anna", password: new, isTeacher: false)
    #expect(await anna.get("/report").status == 303)
    try store.remove("ben")
    #expect(await ben.get("/report").status == 303)
    // Added again with the very same password: the old session stays ended.
    try store.set("ben", password: "bens password", isTeacher: false)
    #expect(await ben.get("/report").status == 303)
  }
}
