/**
 * The numbers of a session's requests: what waits long does not make a node keep what came after it, and is not asked
 * again for nothing.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Call from "../../src/client/engine/Call.ts"
import { ClientSession, type Waiter } from "../../src/client/engine/ClientSession.ts"
import { Endings } from "../../src/client/engine/Endings.ts"
import type { Engine } from "../../src/client/engine/Engine.ts"
import type { Seqs } from "../../src/client/engine/Seqs.ts"

const makeSession = () => {
  const engine = { submit: Call.make, now: 0, options: { random: () => 0.5 } } as unknown as Engine
  return new ClientSession({ engine, ttlMillis: 15_000, label: "", endings: new Endings(), fork: () => () => {} })
}

class Waits implements Waiter {
  seq: number
  renumbered = 0

  constructor(session: ClientSession) {
    this.seq = session.nextSeq()
    session.waiters.add(this)
  }

  renumber(seqs: Seqs): void {
    const before = this.seq
    this.seq = seqs.next()
    seqs.done(before)
    this.renumbered += 1
  }
}

const times = (count: number) => Array.from({ length: count }, (_, at) => at)

describe("A session with many that wait", () => {
  it("asks again for them now and then, so that few outcomes are kept however much else is done", () => {
    const session = makeSession()
    const waiters = times(10).map(() => new Waits(session))
    for (const _ of times(100_000)) session.seqs.done(session.nextSeq())
    assert.isBelow(session.seqs.window, 2048)
    for (const { renumbered } of waiters) assert.isTrue(renumbered > 10 && renumbered < 200, String(renumbered))
  })

  it("asks again for none of them where requests that nobody has answered yet are older", () => {
    const session = makeSession()
    const unanswered = session.nextSeq()
    const waiters = times(500).map(() => new Waits(session))
    for (const _ of times(4000)) session.nextSeq()
    assert.strictEqual(Math.max(...waiters.map(({ renumbered }) => renumbered)), 0)
    session.seqs.done(unanswered)
    session.nextSeq()
    assert.deepStrictEqual(waiters.map(({ renumbered }) => renumbered), times(500).map(() => 1))
  })
})
