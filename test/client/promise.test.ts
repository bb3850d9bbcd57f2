/**
 * The promise face of the client library against a real node in this process, over client RPC and over HTTP: what
 * resolves and rejects, with what, and what signals do.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { hostname, userInfo } from "node:os"
import {
  type Client,
  createClient,
  InvalidRequest,
  LockHeld,
  LockLost,
  type LockOptions,
  Unavailable,
  WaitTimeout
} from "../../src/promise.ts"
import * as RealNode from "../cli/support/RealNode.ts"
import { freePorts } from "../e2e/harness/FreePorts.ts"

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => assert.fail(`resolved with ${String(value)}`),
    (error: unknown) => error
  )

const tagOf = (error: unknown): unknown => error instanceof Error && "_tag" in error ? error._tag : error

const isFree = async (client: Client, name: string): Promise<boolean> => {
  const { holders, queueLength } = await client.get(name)
  return holders.length === 0 && queueLength === 0
}

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

const untilWaits = async (client: Client, name: string, count: number): Promise<void> => {
  if ((await client.get(name)).queueLength === count) return undefined
  await pause(10)
  return untilWaits(client, name, count)
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve()))

for (const transport of ["rpc", "http"] as const) {
  layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })(`A client over ${transport}`, (it) => {
    /** A test with two clients of its own, and a name that no other test uses. */
    const test = (title: string, assertions: (one: Client, two: Client, name: string) => Promise<void>) =>
      it.effect(title, () =>
        Effect.flatMap(RealNode.RealNode, (node) =>
          Effect.promise(async () => {
            const nodes = [transport === "rpc" ? node.rpc : `http://${node.http}`]
            await using one = await createClient({ nodes, label: "one", ttl: "5 seconds" })
            await using two = await createClient({ nodes, label: "two" })
            await assertions(one, two, `${title}/${transport}`)
          })))

    it.effect("finds the node among addresses where nobody is, or somebody else", () =>
      Effect.gen(function*() {
        const { http, raft, rpc } = yield* RealNode.RealNode
        const [dead] = yield* freePorts(1)
        const nodes = transport === "rpc"
          ? [`127.0.0.1:${dead}`, http, raft, rpc]
          : [`http://127.0.0.1:${dead}`, `http://${rpc}`, `http://${http}`]
        yield* Effect.promise(async () => {
          await using client = await createClient({ nodes })
          assert.isAbove(await client.withLock(`among/${transport}`, ({ token }) => token), 0)
        })
      }))

    it.effect("says whose process it is, where it is given no label", () =>
      Effect.flatMap(RealNode.RealNode, (node) =>
        Effect.promise(async () => {
          const nodes = [transport === "rpc" ? node.rpc : `http://${node.http}`]
          await using client = await createClient({ nodes })
          await using silent = await createClient({ nodes, label: "" })
          await client.withLock(`whose/${transport}`, async () => {
            const [holder] = (await client.get(`whose/${transport}`)).holders
            assert.strictEqual(holder?.label, `${userInfo().username}@${hostname()} pid ${process.pid}`)
          })
          await silent.withLock(`nobody's/${transport}`, async () => {
            assert.strictEqual((await client.get(`nobody's/${transport}`)).holders[0]?.label, "")
          })
        })))

    it.effect("says at which addresses nobody has answered, and why", () =>
      Effect.flatMap(RealNode.RealNode, (node) =>
        Effect.promise(async () => {
          const nodes = [transport === "rpc" ? node.http : `http://${node.rpc}`]
          await using client = await createClient({ nodes })
          const error = await rejection(client.acquire("report", { wait: 1000 }))
          assert.instanceOf(error, Unavailable)
          const why = transport === "rpc"
            ? "speaks no client RPC of Holdfast: the RPC port is another, 7081 unless it is set"
            : "cannot be reached, or is no node of this release"
          assert.strictEqual(
            error.message,
            `"report": no node has answered in time at ${nodes[0]} (${why}); nothing is held, and whatever was ` +
              "asked is withdrawn"
          )
        })))

    test("does work in a lock, and gives the lock back", async (one, two, name) => {
      const seen = await one.withLock(name, { value: "a note" }, async ({ lock, signal, token }) => {
        assert.isFalse(signal.aborted)
        assert.strictEqual(lock.token, token)
        assert.strictEqual(lock.state, "held")
        assert.isTrue(await two.check(name, token))
        const [holder] = (await two.get(name)).holders
        assert.deepStrictEqual([holder?.label, holder?.value, holder?.token], ["one", "a note", token])
        return token
      })
      assert.isFalse(await two.check(name, seen))
      assert.isTrue(await isFree(two, name))
      const failed = new Error("of the work")
      assert.strictEqual(await rejection(one.withLock(name, () => Promise.reject(failed))), failed)
      assert.isTrue(await isFree(two, name))
    })

    test("tells who holds what it cannot have at once", async (one, two, name) => {
      await using lock = await one.acquire(name)
      const error = await rejection(two.tryAcquire(name))
      assert.instanceOf(error, LockHeld)
      assert.deepStrictEqual(error.holders.map(({ label }) => label), ["one"])
      assert.strictEqual(error.message, `${JSON.stringify(name)} is held by one (token ${lock.token})`)
      const late = await rejection(two.acquire(name, { wait: 20 }))
      assert.instanceOf(late, WaitTimeout)
      assert.strictEqual(
        late.message,
        `${JSON.stringify(name)} was not granted within \`wait\`, and this acquire has left the queue`
      )
      assert.strictEqual(tagOf(await rejection(two.acquire(name, { permits: 2 }))), "ModeConflict")
    })

    test("releases as often as it is asked to, and holds no more then", async (one, _, name) => {
      const lock = await one.acquire(name)
      await Promise.all([lock.release(), lock.release()])
      await lock.release()
      assert.throws(() => lock.token, LockLost, /released/)
      assert.isFalse(lock.signal.aborted)
      assert.strictEqual(lock.state, "lost")
    })

    test("gives everything back when it is closed, be it in the middle of that", async (one, two, name) => {
      const names = Array.from({ length: 5 }, (_, at) => `${name}/${at}`)
      const locks = await Promise.all(names.map((lock) => one.acquire(lock)))
      const worked = one.withLock(name, () => Promise.resolve("done"))
      const released = Promise.all(locks.map((lock) => lock.release()))
      assert.strictEqual(await worked, "done")
      const last = (await one.acquire(name)).release()
      await one.close()
      await Promise.all([released, last])
      assert.deepStrictEqual(await Promise.all([name, ...names].map((lock) => isFree(two, lock))), Array(6).fill(true))
    })

    test("stops waiting when its signal aborts, and leaves nothing behind", async (one, two, name) => {
      const before = AbortSignal.abort(new Error("before"))
      assert.strictEqual(await rejection(one.acquire(name, { signal: before })), before.reason)
      const lock = await one.acquire(name)
      const during = new AbortController()
      const waiting = rejection(two.acquire(name, { signal: during.signal }))
      await untilWaits(one, name, 1)
      during.abort(new Error("during"))
      assert.strictEqual(await waiting, during.signal.reason)
      await untilWaits(one, name, 0)
      await lock.release()
      const after = new AbortController()
      const held = await two.acquire(name, { signal: after.signal })
      after.abort()
      held.assertHeld()
      assert.isFalse(held.signal.aborted)
    })

    test("gives back what is granted in the moment that its signal aborts", async (one, two, name) => {
      const names = Array.from({ length: 15 }, (_, at) => `${name}/${at}`)
      const rounds = names.map(async (lock, at) => {
        await pause(at)
        const controller = new AbortController()
        const acquiring = one.acquire(lock, { signal: controller.signal, ttl: "2 minutes" })
        setTimeout(() => controller.abort(), at % 5)
        await acquiring.then((lock) => lock.release(), () => {})
        // Of a session that goes on: nobody but who gave up frees the lock in time.
        await two.withLock(lock, { wait: "20 seconds" }, () => {})
      })
      await Promise.all(rounds)
      assert.deepStrictEqual(await Promise.all(names.map((lock) => isFree(two, lock))), names.map(() => true))
    })

    test("tells its work that the caller has had enough", async (one, _, name) => {
      const controller = new AbortController()
      const work = one.withLock(name, { signal: controller.signal }, ({ signal }) => {
        setTimeout(() => controller.abort(new Error("enough")), 5)
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
      })
      assert.strictEqual(await rejection(work), controller.signal.reason)
      assert.isTrue(await isFree(one, name))
    })

    test("shares by permits and by mode", async (one, two, name) => {
      const seats = await Promise.all([one.semaphore(name, 2), two.semaphore(name, 2)])
      assert.strictEqual(tagOf(await rejection(one.semaphore(name, 2, { wait: 20 }))), "WaitTimeout")
      await Promise.all(seats.map((seat) => seat.release()))
      const readers = await Promise.all([one.readLock(name), two.readLock(name)])
      assert.strictEqual(tagOf(await rejection(one.writeLock(name, { wait: 20 }))), "WaitTimeout")
      await Promise.all(readers.map((reader) => reader.release()))
      await using writer = await one.writeLock(name)
      writer.assertHeld()
    })

    test("takes several locks in one order, whoever asks", async (one, two, name) => {
      const [a, b] = [`${name}/a`, `${name}/b`]
      const both = (client: Client, names: ReadonlyArray<string>) =>
        client.withLocks(names, {}, ({ locks }) => Promise.resolve(locks.map((lock) => lock.name)))
      const rounds = Array.from({ length: 10 }, () => [both(one, [a, b]), both(two, [b, a, b])])
      const done = await Promise.all(rounds.flat())
      assert.deepStrictEqual(done.slice(0, 2), [[a, b], [b, a, b]])
      await using _ = await one.acquire(b)
      const options: LockOptions = { wait: 50 }
      assert.strictEqual(tagOf(await rejection(two.withLocks([a, b], options, () => true))), "WaitTimeout")
      assert.isTrue(await isFree(one, a))
    })

    test("leads, is seen to lead, and resigns", async (one, two, name) => {
      const enough = new AbortController()
      const seen: Array<string | null> = []
      const election = one.elect(name, { value: "host 1" })
      const first = await election.campaign()
      for await (const leader of two.elect(name).observe()) {
        seen.push(leader?.value ?? null)
        if (seen.length === 1) await first.release()
        if (seen.length === 2) void two.elect(name, { value: "host 2" }).lead(() => aborted(enough.signal))
        if (seen.length === 3) enough.abort()
        if (seen.length === 4) break
      }
      assert.deepStrictEqual(seen, ["host 1", null, "host 2", null])
      assert.isTrue(await isFree(one, name))
    })

    test("watches until its signal aborts", async (one, two, name) => {
      const controller = new AbortController()
      const events: Array<string> = []
      const watching = (async () => {
        for await (const { event } of one.watch(name, { signal: controller.signal })) {
          if (event !== "leader") events.push(event)
          if (event === "released") controller.abort(new Error("seen enough"))
        }
      })()
      const rejected = rejection(watching)
      const work = async (): Promise<void> => {
        await two.withLock(name, () => pause(10))
        if (!events.includes("released")) await work()
      }
      await work()
      assert.strictEqual(await rejected, controller.signal.reason)
      assert.includeMembers(events, ["granted", "released"])
    })

    test("refuses what no node would take, by its name", async (one, _, name) => {
      const wrong = async (promise: Promise<unknown>) => {
        const error = await rejection(promise)
        assert.instanceOf(error, InvalidRequest)
        return error.field
      }
      const names = ["", ".", "..", "a\0b", "\ud800", "n".repeat(513)]
      const fields = await Promise.all(names.map((no) => wrong(one.acquire(no))))
      assert.deepStrictEqual(fields, names.map(() => "name"))
      assert.strictEqual(await wrong(one.get("..")), "name")
      assert.strictEqual(await wrong(one.acquire(name, { ttl: "soon" as never })), "ttl")
      assert.strictEqual(await wrong(one.acquire(name, { ttl: -1 })), "ttl")
      assert.strictEqual(await wrong(one.acquire(name, { ttl: 10 })), "ttl")
      assert.strictEqual(await wrong(one.acquire(name, { wait: NaN })), "wait")
      assert.strictEqual(await wrong(one.acquire(name, { mode: "shared", permits: 2 })), "permits")
      assert.strictEqual(await wrong(one.acquire(name, { owner: "x".repeat(200) })), "owner")
      assert.strictEqual(await wrong(one.acquire(name, { value: "é".repeat(2049) })), "value")
    })

    test("gives everything back when it is closed", async (one, two, name) => {
      const lock = await one.acquire(name)
      const waiting = rejection(one.acquire(name))
      await one.close()
      assert.strictEqual(tagOf(await waiting), "Unavailable")
      assert.throws(() => lock.assertHeld(), LockLost, /closed/)
      await lock.release()
      assert.strictEqual(tagOf(await rejection(one.acquire(name))), "Unavailable")
      assert.isTrue(await isFree(two, name))
    })
  })
}

describe("A client", () => {
  it("is not made with nodes that are none", async () => {
    const wrong = [[], ["127.0.0.1"], ["127.0.0.1:7081", "http://127.0.0.1:8081"], ["http://"], undefined]
    const errors = await Promise.all(wrong.map((nodes) => rejection(createClient({ nodes: nodes as never }))))
    assert.deepStrictEqual(
      errors.map((error) => error instanceof InvalidRequest && error.field),
      wrong.map(() => "nodes")
    )
  })
})
