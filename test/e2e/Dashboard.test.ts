/**
 * The dashboard in a real browser, on a real cluster: it shows what is, follows what happens, and breaks what it is
 * told to, where that is allowed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { Page } from "playwright-core"
import * as Browser from "./harness/Browser.ts"
import { makePlace, startDev } from "./harness/DevCluster.ts"
import { request } from "./harness/Http.ts"

/** Waits until the page shows this. */
const sees = (page: Page, selector: string, pattern: RegExp) =>
  Effect.promise(() => page.locator(selector).filter({ hasText: pattern }).first().waitFor())

const click = (page: Page, name: string) =>
  Effect.promise(() => page.getByRole("button", { name, exact: true }).click())

const follow = (page: Page, name: string) => Effect.promise(() => page.getByRole("link", { name, exact: true }).click())

const leaderOf = (http: string) =>
  Effect.map(request("GET", `http://${http}/cluster/status`), ({ body }) => String(Object(body)["leaderId"]))

const acquire = (http: string, name: string, body: object) =>
  request("POST", `http://${http}/v1/locks/${encodeURIComponent(name)}/acquire`, body)

type Place = Effect.Success<ReturnType<typeof makePlace>>

const httpOf = ({ firstPorts }: Place, node: string) => `127.0.0.1:${firstPorts.http + Number(node.slice(4)) - 1}`

/** What everybody sees. */
const look = Effect.fnUntraced(function*({ page }: Browser.Opened, http: string) {
  yield* sees(page, "header [role=status]", /node\d leads, all 3 nodes answer/)
  assert.strictEqual(yield* Effect.promise(() => page.locator("#nodes tbody tr").count()), 3)
  yield* sees(page, "#links", /node1.*linked/s)

  yield* acquire(http, "jobs/nightly", { ttlMs: 600_000, label: "worker-1", value: "job 12" })
  yield* acquire(http, `other/${"and-long-".repeat(30)}`, { ttlMs: 600_000, label: "worker-2" })
  yield* sees(page, "#feed", /granted jobs\/nightly worker-1/)
  yield* follow(page, "Locks")
  yield* sees(page, "#locks", /jobs\/nightly.*other/s)
  yield* Effect.promise(() => page.getByLabel("Names that begin with").fill("jobs/"))
  yield* Effect.promise(() => page.locator("#locks tr", { hasText: "other" }).waitFor({ state: "detached" }))

  yield* follow(page, "jobs/nightly")
  yield* sees(page, "#holders", /worker-1job 12/)
  const late = { ttlMs: 60_000, label: "late", waitMs: 600_000 }
  const waiter = yield* Effect.forkChild(acquire(http, "jobs/nightly", late))
  yield* sees(page, "#queue", /1\s*late/)
  yield* Fiber.interrupt(waiter)
  yield* follow(page, "Sessions")
  yield* sees(page, "#sessions", /worker-1/)
})

/** By how much the page, or a table in it, is wider than what is seen of it. */
const overflow = "[document.documentElement, ...document.querySelectorAll('.scroll')]" +
  ".map(({ clientWidth, scrollWidth }) => scrollWidth - clientWidth)"

/** Every page, each with what shows that it is there. */
const phonePages = [
  ["/", "#nodes", /leader/],
  ["/#/locks", "#locks", /jobs\/nightly/],
  ["/#/locks/jobs%2Fnightly", "#history", /worker-1/],
  ["/#/sessions", "#sessions", /worker-1/],
  ["/#/garbage", "main", /no such page.*#?\/garbage/s],
  ["/problems/lock-held", "body", /waitMs/],
  ["/docs", "body", /Start the TTL of a session anew/]
] as const

const fitsPhone = Effect.fnUntraced(function*({ page }: Browser.Opened, http: string) {
  yield* Effect.promise(() => page.setViewportSize({ width: 390, height: 844 }))
  for (const [path, selector, text] of phonePages) {
    yield* Effect.promise(() => page.goto(`http://${http}${path}`))
    yield* sees(page, selector, text)
    const widths = yield* Effect.promise(() => page.evaluate<ReadonlyArray<number>>(overflow))
    assert.deepStrictEqual(widths, widths.map(() => 0), path)
  }
  yield* Effect.promise(() => page.setViewportSize({ width: 1280, height: 900 }))
  yield* Effect.promise(() => page.goto(`http://${http}/`))
})

const focused = "document.activeElement.textContent"

/** Who works with a keyboard stays where they were, whatever has become of the button. */
const keepsFocus = Effect.fnUntraced(function*(page: Page, name: string) {
  assert.strictEqual((yield* Effect.promise(() => page.evaluate<string>(focused))).trim(), name)
})

/** A link is cut and healed, and the cluster goes on without its leader; `shown` is the node that shows the page. */
const breakIt = Effect.fnUntraced(function*({ page }: Browser.Opened, place: Place, shown: string) {
  yield* sees(page, "main", /Break it/)
  const leader = yield* leaderOf(httpOf(place, shown))
  const pair = [leader, shown].toSorted().join(" – ")
  yield* click(page, `Cut ${pair}`)
  yield* sees(page, `[data-link="${shown} ${leader}"]`, /cut off/)
  yield* sees(page, `[data-link="${leader} ${shown}"]`, /cut off/)
  yield* sees(page, "header [role=status].warn", new RegExp(`${pair.replace(" – ", " and ")} do not reach each other`))
  yield* keepsFocus(page, `Heal ${pair}`)
  yield* click(page, `Heal ${pair}`)
  yield* sees(page, `[data-link="${leader} ${shown}"]`, /^linked$/)

  const now = yield* leaderOf(httpOf(place, shown))
  const victim = now === shown ? ["node1", "node2", "node3"].find((node) => node !== shown)! : now
  yield* click(page, `Kill ${victim}`)
  yield* sees(page, `#nodes tr[data-node=${victim}]`, /is away|is silent/)
  yield* sees(page, "header [role=status]", new RegExp(`leads; ${victim} is (away|silent)`))
  yield* keepsFocus(page, `Kill ${victim}`)
  yield* click(page, `Start ${victim}`)
  yield* sees(page, "header [role=status]", /all 3 nodes answer/)
  yield* click(page, `Freeze ${victim}`)
  yield* sees(page, `#nodes tr[data-node=${victim}]`, /is silent/)
  yield* click(page, `Thaw ${victim}`)
  yield* sees(page, "header [role=status]", /all 3 nodes answer/)
})

const takeAndGiveBack = Effect.fnUntraced(function*({ page }: Browser.Opened, place: Place, shown: string) {
  yield* Effect.promise(() => page.goto(`http://${httpOf(place, shown)}/#/locks/mine`))
  yield* click(page, "Acquire")
  yield* sees(page, "form [role=status]", /Acquired with token \d+/)
  yield* sees(page, "#holders", /this page/)
  yield* click(page, "Release")
  yield* sees(page, "form [role=status]", /Released/)
  yield* sees(page, "#history", /this page.*released/s)
})

/** The page stops the node that serves it: it says so, moves nothing, and leads to a node that can start it again. */
const stopItself = Effect.fnUntraced(function*({ page }: Browser.Opened, place: Place, shown: string) {
  yield* Effect.promise(() => page.goto(`http://${httpOf(place, shown)}/`))
  const stop = page.getByRole("button", { name: `Stop ${shown}`, exact: true })
  yield* sees(page, "#processes", /running/)
  const before = yield* Effect.promise(() => stop.boundingBox())
  yield* Effect.promise(() => stop.click())
  yield* sees(page, "header [role=status]", new RegExp(`${shown}, which serves this page, has stopped.*Go on at`))
  yield* sees(page, "#processes", /unknown.*unknown.*unknown/s)
  yield* keepsFocus(page, `Stop ${shown}`)
  assert.deepStrictEqual(yield* Effect.promise(() => stop.boundingBox()), before)
  yield* Effect.promise(() => page.getByRole("alert").getByRole("link").first().click())
  yield* click(page, `Start ${shown}`)
  yield* sees(page, "header [role=status]", /all 3 nodes answer/)
})

describe.skipIf(Browser.isMissing)(`the dashboard of a cluster${Browser.whyNot}`, () => {
  it.live(
    "shows what is, follows what happens, fits a phone, and breaks what it is told to",
    () =>
      Effect.gen(function*() {
        const place = yield* makePlace(3)
        yield* startDev(place)
        const shown = (yield* leaderOf(httpOf(place, "node1"))) === "node1" ? "node2" : "node1"
        const opened = yield* Browser.open(`http://${httpOf(place, shown)}/`)
        yield* look(opened, httpOf(place, shown))
        yield* fitsPhone(opened, httpOf(place, shown))
        assert.deepStrictEqual(opened.complaints, [])
        yield* breakIt(opened, place, shown)
        yield* takeAndGiveBack(opened, place, shown)
        yield* stopItself(opened, place, shown)
      }),
    240_000
  )
})
