/**
 * The middlewares for the `Lock-Token` header: what they let through and what they answer is the same for node:http and
 * for Effect's router.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, type Scope } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { createServer, type RequestListener } from "node:http"
import { requireLockToken, requireLockTokenEffect } from "../../src/fencing.ts"
import type { CheckEffect } from "../../src/fencing/Admission.ts"

interface Reply {
  readonly status: number
  readonly type: string | null
  readonly body: unknown
}

type Send = (method: string, path: string, token?: string) => Effect.Effect<Reply>

interface Behaviour {
  readonly check?: CheckEffect
  readonly mode?: "shared"
  /** What the handler behind the middleware does before it answers. */
  readonly work?: (path: string) => Effect.Effect<void>
  readonly lock?: (path: string) => string
}

type Serve = (behaviour?: Behaviour) => Effect.Effect<Send, never, Scope.Scope>

const theSame = (path: string) => path

const headersOf = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { "lock-token": token }

const replyOf = async (response: Response): Promise<Reply> => {
  const text = await response.text()
  const type = response.headers.get("content-type")
  return { status: response.status, type, body: text.startsWith("{") ? JSON.parse(text) : text }
}

const nodeHttp: Serve = ({ check, lock = theSame, mode, work = () => Effect.void } = {}) =>
  Effect.gen(function*() {
    const common = { lock: ({ url = "" }) => lock(url) }
    const ask = check && ((name: string, token: number) => Effect.runPromise(check(name, token)))
    const options = ask === undefined
      ? common
      : mode === undefined
      ? { ...common, check: ask }
      : { ...common, check: ask, mode }
    const middleware = requireLockToken(options)
    const origin = yield* listen((request, response) =>
      middleware(request, response, () => {
        Effect.runFork(Effect.andThen(work(request.url ?? ""), Effect.sync(() => response.end("done"))))
      })
    )
    return (method, path, token) =>
      Effect.promise(async (signal) =>
        replyOf(await fetch(origin + path, { method, headers: headersOf(token), signal }))
      )
  })

const listen = (listener: RequestListener) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createServer>>((resume) => {
        const server = createServer(listener)
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    ),
    (server) => {
      const address = server.address()
      if (address === null || typeof address === "string") throw new Error("no port")
      return `http://127.0.0.1:${address.port}`
    }
  )

const effectHttp: Serve = ({ check, lock = theSame, mode, work = () => Effect.void } = {}) =>
  Effect.gen(function*() {
    const common = { lock: ({ url }: { readonly url: string }) => lock(url) }
    const options = check === undefined
      ? common
      : mode === undefined
      ? { ...common, check }
      : { ...common, check, mode }
    const needsToken = HttpRouter.middleware(requireLockTokenEffect(options)).layer
    const routes = HttpRouter.add("*", "/*", (request) => Effect.as(work(request.url), HttpServerResponse.text("done")))
      .pipe(Layer.provide(needsToken))
    const { dispose, handler } = HttpRouter.toWebHandler(routes, { disableLogger: true })
    yield* Effect.addFinalizer(() => Effect.promise(dispose))
    return (method, path, token) =>
      Effect.promise(async (signal) =>
        replyOf(await handler(new Request(`http://localhost${path}`, { method, headers: headersOf(token), signal })))
      )
  })

const done = { status: 200, body: "done" }

const both = [["node:http", nodeHttp], ["effect/http", effectHttp]] as const

describe.each(both)("The middleware for %s", (_, serve) => {
  it.live("lets a token pass that is as high as any, and refuses an older one", () =>
    Effect.gen(function*() {
      const send = yield* serve()
      for (const token of ["33", "33", "34"]) assert.deepInclude(yield* send("PUT", "/a", token), done)
      const late = yield* send("PUT", "/a", "33")
      assert.deepInclude(late, { status: 412, type: "application/problem+json" })
      assert.deepInclude(late.body, { status: 412, title: "The lock token is out of date", highest: 34 })
      assert.deepInclude(yield* send("PUT", "/b", "1"), done)
    }))

  it.live("answers a change without a token, and one that is none", () =>
    Effect.gen(function*() {
      const send = yield* serve()
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        assert.deepInclude(yield* send(method, "/a"), { status: 428, type: "application/problem+json" })
      }
      for (
        const token of ["0", "-1", "1.5", "1e3", "0x10", "abc", "9007199254740992", "1, 2", "12345678901234567890"]
      ) {
        assert.deepInclude(yield* send("PUT", "/a", token), { status: 400 }, token)
      }
      assert.deepInclude(yield* send("GET", "/a"), done)
    }))
})

describe.each(both)("The middleware for %s", (_, serve) => {
  it.live("begins nothing of a new holder before the old one's is answered", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const finish = yield* Deferred.make<void>()
      const order: Array<string> = []
      const work = (path: string) =>
        Effect.gen(function*() {
          order.push(`begin ${path}`)
          if (path.endsWith("old")) {
            yield* Deferred.succeed(begun, undefined)
            yield* Deferred.await(finish)
          }
          order.push(`end ${path}`)
        })
      const send = yield* serve({ work, lock: () => "one" })
      const old = yield* Effect.forkChild(send("PUT", "/old", "1"))
      yield* Deferred.await(begun)
      const later = yield* Effect.forkChild(send("PUT", "/new", "2"))
      // The old holder is refused from the moment that the new one is known.
      while ((yield* send("PUT", "/again", "1")).status !== 412) yield* Effect.sleep("5 millis")
      yield* Deferred.succeed(finish, undefined)
      assert.deepInclude(yield* Fiber.join(old), done)
      assert.deepInclude(yield* Fiber.join(later), done)
      const settled = order.filter((line) => !line.includes("again"))
      assert.deepStrictEqual(settled, ["begin /old", "end /old", "begin /new", "end /new"])
    }))

  it.live("asks about every token where holders share, whatever the order", () =>
    Effect.gen(function*() {
      const check: CheckEffect = (lock, token) =>
        token === 99 ? Effect.fail("unreachable") : Effect.succeed(lock === "/pool" && token !== 6)
      const send = yield* serve({ mode: "shared", check })
      for (const token of ["7", "5", "7"]) assert.deepInclude(yield* send("POST", "/pool", token), done)
      assert.deepInclude(yield* send("POST", "/pool", "6"), { status: 412 })
      assert.deepInclude(yield* send("POST", "/pool", "99"), { status: 503 })
    }))

  it.live("asks as well where a holder of before must not pass", () =>
    Effect.gen(function*() {
      const send = yield* serve({ check: (_, token) => Effect.succeed(token === 8) })
      assert.deepInclude(yield* send("POST", "/a", "7"), { status: 412 })
      assert.deepInclude(yield* send("POST", "/a", "8"), done)
      assert.deepInclude(yield* send("POST", "/a", "7"), { status: 412 })
    }))

  it.live("remembers no token that nobody was granted, where it asks", () =>
    Effect.gen(function*() {
      const send = yield* serve({ check: (_, token) => Effect.succeed(token === 8) })
      assert.deepInclude(yield* send("POST", "/a", "9007199254740991"), { status: 412 })
      assert.deepInclude(yield* send("POST", "/a", "8"), done)
    }))

  it.live("asks again about a token that had to wait for an earlier holder", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const asked = yield* Deferred.make<void>()
      const finish = yield* Deferred.make<void>()
      let present = 1
      const work = (path: string) =>
        path === "/old" ? Effect.andThen(Deferred.succeed(begun, undefined), Deferred.await(finish)) : Effect.void
      const check: CheckEffect = (_, token) =>
        Effect.as(token === 2 ? Deferred.succeed(asked, undefined) : Effect.void, token === present)
      const send = yield* serve({ work, check, lock: () => "one" })
      const old = yield* Effect.forkChild(send("PUT", "/old", "1"))
      yield* Deferred.await(begun)
      present = 2
      const late = yield* Effect.forkChild(send("PUT", "/late", "2"))
      yield* Deferred.await(asked)
      yield* Effect.sleep("150 millis")
      present = 3
      yield* Deferred.succeed(finish, undefined)
      assert.deepInclude(yield* Fiber.join(old), done)
      assert.deepInclude(yield* Fiber.join(late), { status: 412 })
    }))
})

describe("The middleware for node:http", () => {
  it.live("lets nobody through when it breaks itself", () =>
    Effect.gen(function*() {
      const lock = () => {
        throw new Error("no name for this")
      }
      const send = yield* nodeHttp({ lock })
      assert.deepInclude(yield* send("POST", "/a", "7"), { status: 500 })
    }))

  it.live("counts a client that has gone as done", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const work = (path: string) =>
        path === "/hangs" ? Effect.andThen(Deferred.succeed(begun, undefined), Effect.never) : Effect.void
      const send = yield* nodeHttp({ work, lock: () => "one" })
      const hangs = yield* Effect.forkChild(send("PUT", "/hangs", "1"))
      yield* Deferred.await(begun)
      hangs.interruptUnsafe()
      assert.deepInclude(yield* send("PUT", "/next", "2"), done)
    }))

  it.live("keeps nobody out for a client that had gone before it was asked", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<void>()
      const gone = yield* Deferred.make<void>()
      const middleware = requireLockToken({ lock: () => "one", waitMillisMax: 500 })
      const origin = yield* listen((request, response) => {
        const enter = () => middleware(request, response, () => response.end("done"))
        if (request.url !== "/slow") return enter()
        Effect.runFork(Deferred.succeed(asked, undefined))
        response.once("close", () => {
          enter()
          Effect.runFork(Deferred.succeed(gone, undefined))
        })
      })
      const send: Send = (method, path, token) =>
        Effect.promise(async (signal) =>
          replyOf(await fetch(origin + path, { method, headers: headersOf(token), signal }))
        )
      const slow = yield* Effect.forkChild(send("PUT", "/slow", "5"))
      yield* Deferred.await(asked)
      slow.interruptUnsafe()
      yield* Deferred.await(gone)
      assert.deepInclude(yield* send("PUT", "/a", "6"), done)
    }))

  it("needs a check where holders share", () => {
    // @ts-expect-error a program without types can forget it
    assert.throws(() => requireLockToken({ lock: () => "a", mode: "shared" }), TypeError)
  })
})
