/**
 * A real browser without a window: the `chromium` of the machine, driven by playwright-core, which brings none of its
 * own.
 */
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { chromium, type Page } from "playwright-core"

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync)

export const isMissing = executablePath === undefined

/** What a test that was left out says of it. */
export const whyNot = isMissing ? " (left out: there is no chromium on this machine)" : ""

export interface Opened {
  readonly page: Page
  /** What went wrong in the page, as the console of the browser would show it. */
  readonly complaints: ReadonlyArray<string>
}

/** Opens a page in a browser of its own, which ends with the scope. */
export const open = Effect.fnUntraced(function*(url: string, width = 1280) {
  const browser = yield* Effect.acquireRelease(
    Effect.promise(() => chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox", "--disable-gpu"] })),
    (browser) => Effect.promise(() => browser.close())
  )
  const page = yield* Effect.promise(() => browser.newPage({ viewport: { width, height: 900 } }))
  page.setDefaultTimeout(60_000)
  const complaints: Array<string> = []
  page.on("pageerror", (error) => complaints.push(error.message))
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text())
  })
  yield* Effect.promise(() => page.goto(url))
  return { page, complaints } satisfies Opened as Opened
})
