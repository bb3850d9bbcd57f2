/**
 * The dashboard at `/`, and the files that it is made of: our own, and those of the libraries that it uses, out of the
 * packages that this one depends on. Nothing is built for it, and nothing is loaded from anywhere else.
 *
 * The files are read once, when the node starts. What is not one of them is not served.
 */
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerRespondable, HttpServerResponse } from "effect/http"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { NotFound } from "../../api/Problems.ts"
import { DevControl } from "../dev/DevControl.ts"

export const routes = [
  { method: "GET", path: "/" },
  { method: "GET", path: "/ui/:file" },
  { method: "GET", path: "/ui/vendor/:file" },
  { method: "GET", path: "/favicon.ico" }
] as const

const ownFiles = [
  "icon.svg",
  "style.css",
  "main.js",
  "cluster.js",
  "chart.js",
  "data.js",
  "dev.js",
  "feed.js",
  "gone.js",
  "health.js",
  "lock.js",
  "locks.js",
  "samples.js",
  "sessions.js",
  "table.js",
  "timeline.js"
]

/** By the name that the page asks for: what to resolve, and the file that lies beside it. */
const libraryFiles: Readonly<Record<string, readonly [name: string, path: string]>> = {
  "preact.js": ["preact", "preact.mjs"],
  "hooks.js": ["preact/hooks", "hooks.mjs"],
  "htm.js": ["htm", "htm.mjs"],
  "htm-preact.js": ["htm/preact", "index.mjs"],
  "uplot.js": ["uplot", "uPlot.esm.js"],
  "uPlot.min.css": ["uplot", "uPlot.min.css"]
}

const importMap = JSON.stringify({
  imports: {
    "preact": "/ui/vendor/preact.js",
    "preact/hooks": "/ui/vendor/hooks.js",
    "htm": "/ui/vendor/htm.js",
    "htm/preact": "/ui/vendor/htm-preact.js",
    "uplot": "/ui/vendor/uplot.js"
  }
})

/** The page runs what this node serves and the map above, and talks with this node alone. */
const policy = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash("sha256").update(importMap).digest("base64")}'`,
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join("; ")

const types: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml"
}

const typeOf = (file: string): string | undefined => types[file.slice(file.lastIndexOf(".") + 1)]

const files = Effect.sync(() => {
  const own = new URL("../../dashboard/", import.meta.url)
  const { resolve } = createRequire(import.meta.url)
  const beside = (name: string, file: string) => join(dirname(resolve(name)), file)
  return {
    page: readFileSync(new URL("index.html", own), "utf8"),
    own: new Map(ownFiles.map((file) => [file, readFileSync(new URL(file, own))])),
    libraries: new Map(
      Object.entries(libraryFiles).map(([file, [name, path]]) => [file, readFileSync(beside(name, path))])
    )
  }
})

const answer = (from: ReadonlyMap<string, Uint8Array>, file: string) => {
  const bytes = from.get(file)
  return bytes === undefined
    ? HttpServerRespondable.toResponse(new NotFound())
    : Effect.succeed(HttpServerResponse.uint8Array(bytes, { contentType: typeOf(file) }))
}

const serve = (from: ReadonlyMap<string, Uint8Array>) =>
  Effect.flatMap(HttpRouter.params, ({ file = "" }) => answer(from, file))

export const layer = Layer.unwrap(Effect.gen(function*() {
  const { libraries, own, page } = yield* files
  const isDev = (yield* DevControl) !== null
  const html = page.replace("IMPORT_MAP", () => importMap).replace("IS_DEV", String(isDev))
  const dashboard = HttpServerResponse.text(html, {
    contentType: "text/html; charset=utf-8",
    headers: { "content-security-policy": policy, "referrer-policy": "no-referrer" }
  })
  return Layer.mergeAll(
    HttpRouter.add("GET", routes[0].path, Effect.succeed(dashboard)),
    HttpRouter.add("GET", routes[1].path, serve(own)),
    HttpRouter.add("GET", routes[2].path, serve(libraries)),
    // Under the name that browsers ask for by themselves, on pages that name none.
    HttpRouter.add("GET", routes[3].path, answer(own, "icon.svg"))
  )
}))
