import Connections
import Diagnostics
import Files
import Labs
import Pipelines
import Reports

extension LabSite {
  /// Where learners look at what their own commands found out.
  func toolsPage(_ visitor: Visitor) -> WebReply {
    let title = visitor.say("Look inside", "看内部")
    return page(
      visitor,
      title,
      """
      <h1>\(title)</h1>
      <p class="lead">\(visitor.say("Structure, timeline and heat map of your own network: choose a report.json that deploy, profile, bench or val has written, or a plan file.", "看你自己的网络：结构对比、时间线和瓶颈热力图。请选择 deploy、profile、bench 或 val 写出的 report.json，或一个 plan 文件。"))</p>
      <pre tabindex="0"><code>vitrine deploy model.pt --images photos/
      vitrine profile model.onnx</code></pre>
      <form class="stacked panel" method="post" action="/tools" enctype="multipart/form-data">\(hidden(visitor))
      <label for="document">\(visitor.say("Document, up to 7 MiB", "文件，最大 7 MiB"))</label><input id="document" type="file" name="document" required>
      <button class="main">\(visitor.say("Show it", "显示"))</button></form>
      """
    )
  }

  /// The page of a document. Its scripts are inline, so it gets an origin of its own, which knows
  /// nothing of this site.
  func toolPage(_ form: MultipartForm, _ learner: String, _ visitor: Visitor) async throws
    -> WebReply
  {
    guard let file = form.files.first(where: { $0.field == "document" }), !file.bytes.isEmpty else {
      throw Refusal(status: 422, text: visitor.say("no file was sent", "没有收到文件"))
    }
    guard toolLimit.take(learner), toolQueue.hasRoom else {
      throw Refusal(status: 429, text: visitor.say("wait a little", "请稍等"))
    }
    let language = visitor.language
    let page: Result<[UInt8], any Error> = await withCheckedContinuation { continuation in
      let job = WorkQueue.Job(id: Token.random(bytes: 8), runsAlone: false) {
        do {
          let bytes = try await onThread {
            let folder = try TemporaryFolder()
            let path = folder.path + "/document"
            try AtomicFile.write(file.bytes, to: path)
            var job = ReportJob(documents: [path])
            job.output = folder.path + "/page.html"
            job.language = language
            _ = try job.run()
            return try MappedFile.contents(of: folder.path + "/page.html", limit: 256 << 20)
          }
          continuation.resume(returning: .success(bytes))
        } catch { continuation.resume(returning: .failure(error)) }
      }
      toolQueue.add(job)
    }
    do {
      return WebReply(type: "text/html; charset=utf-8", try page.get()).with(
        "Content-Security-Policy",
        "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
          + "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'; "
          + "frame-ancestors 'none'"
      )
    } catch let error as DeployError {
      // Without the place: that is a folder of the server.
      let first = error.diagnostics.first
      throw Refusal(
        status: 422,
        text: [first?.message, first?.remedy].compactMap(\.self).joined(separator: ". ")
      )
    }
  }
}
