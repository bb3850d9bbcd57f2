/**
 * What a client of a load writes down of the answers that it got: no more than it can know.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Session } from "../../bench/load/HttpClient.ts"
import { type Asked, judge, type Question } from "../../bench/load/Judging.ts"
import { hollow, Recorder } from "../../bench/load/Recorder.ts"

const held = { name: "a", owner: "o", token: 7 }
const acquire: Question = { op: "acquire", name: "a", owner: "o", waitMs: 50 }
const release: Question = { op: "release", held }
const renew: Question = { op: "renew", held }
const get: Question = { op: "get", name: "a" }

const granted = { status: 200, body: { token: 7, expiresInMs: 900 } }
const done = { status: 200, body: {} }
const none = { status: 0, body: {} }
const problem = (slug: string, status = 409) => ({ status, body: { type: `/problems/${slug}` } })

/** All that was recorded of one answer, in short. */
const told = (question: Question, reply: Asked["reply"], attempts: ReadonlyArray<number> = [10]) => {
  const recorder = new Recorder()
  const session: Session = { client: "c", id: "s", ttlMillis: 1, seq: 0, owners: 0, livesUntil: 0, isLost: false }
  judge(recorder, session, question, { reply, attempts, end: 99, isCertain: reply.status !== 0 })
  const lines = recorder.operations.map(({ end, leaseMs, op, result, start, token, waitMs }) =>
    [op, result, token, `${start}-${end}`, ...(leaseMs === undefined ? [] : [`for ${leaseMs}`]), waitMs].join(" ")
      .trim()
  )
  return {
    lines,
    faults: recorder.faults.map(({ rule }) => rule),
    isLost: session.isLost,
    livesUntil: session.livesUntil
  }
}

describe("what is recorded of", () => {
  it("a grant is its token and how long it lasts", () =>
    assert.deepStrictEqual(told(acquire, granted).lines, ["acquire ok 7 10-99 for 900"]))

  it("a grant that was asked for three times: two attempts may have been granted and withdrawn before", () =>
    assert.deepStrictEqual(told(acquire, granted, [10, 20, 30]).lines, [
      "acquire unknown  10-99",
      "acquire unknown  20-99",
      "acquire ok 7 10-99 for 900"
    ]))

  it("a refusal is how long it waited, if it was sent once", () => {
    assert.deepStrictEqual(told(acquire, problem("wait-timeout")).lines, ["acquire held  10-99 50"])
    assert.deepStrictEqual(told(acquire, problem("lock-held"), [10, 20]).lines, [
      "acquire unknown  10-99",
      "acquire held  20-99"
    ])
  })

  it("an acquire in a session that has ended is that it was not done", () => {
    const { isLost, lines } = told(acquire, problem("session-expired", 404))
    assert.deepStrictEqual(lines, ["acquire fail  10-99"])
    assert.isTrue(isLost)
  })

  it("a release is what was answered, and nothing if it was sent twice and refused", () => {
    assert.deepStrictEqual(told(release, done, [10, 20]).lines, ["release ok 7 10-99"])
    assert.deepStrictEqual(told(release, problem("not-holder")).lines, ["release not_holder 7 10-99"])
    assert.deepStrictEqual(told(release, problem("not-holder"), [10, 20]).lines, ["release unknown 7 10-99"])
  })

  it("a renewal counts from the attempt that was answered", () => {
    const { lines, livesUntil } = told(renew, done, [10, 20])
    assert.deepStrictEqual(lines, ["renew ok 7 20-99 for 1"])
    assert.strictEqual(livesUntil, 20 + 1e6)
    assert.deepStrictEqual(told(renew, problem("session-expired", 404)).lines, ["renew not_holder 7 10-99"])
  })

  it("a read is whom it showed", () => {
    const free = { status: 200, body: { holders: [] } }
    const shown = { status: 200, body: { holders: [{ owner: "p", token: 8 }] } }
    assert.deepStrictEqual(told(get, free).lines, ["get ok  10-99"])
    assert.deepStrictEqual(told(get, shown, [10, 20]).lines, ["get ok 8 20-99"])
  })

  it("no certain answer is that nobody knows, and a fault", () => {
    for (const question of [acquire, release, renew, get]) {
      const { faults, isLost, lines } = told(question, none)
      assert.match(lines[0] ?? "", /^\w+ unknown /)
      assert.deepStrictEqual(faults, ["unanswered request"])
      assert.isTrue(isLost)
    }
  })

  it("an answer that no rule explains is a fault", () => {
    assert.deepStrictEqual(told(acquire, problem("mode-conflict")).faults, ["unexpected answer"])
    assert.deepStrictEqual(told(get, problem("not-found", 404)).faults, ["unexpected answer"])
    const two = { status: 200, body: { holders: [{ owner: "p", token: 8 }, { owner: "q", token: 9 }] } }
    assert.deepStrictEqual(told(get, two).faults, ["unexpected answer"])
  })
})

describe("a session that has ended", () => {
  const ended = (end: number) => {
    const recorder = new Recorder()
    const session = { client: "c", id: "s", ttlMillis: 5, seq: 0, owners: 0, livesUntil: 5e6, isLost: false }
    const reply = problem("session-expired", 404)
    judge(recorder, session, renew, { reply, attempts: [1e6], end, isCertain: true })
    return recorder.faults.map(({ rule }) => rule)
  }

  it("before its time is a fault, be it a microsecond", () => assert.deepStrictEqual(ended(4.999e6), ["lost session"]))

  it("at its time is none", () => assert.deepStrictEqual(ended(5e6), []))
})

describe("a run", () => {
  const grants = Array.from({ length: 150 }, (_, start) => ({
    client: "c",
    op: "acquire",
    ...held,
    result: "ok",
    start,
    end: start
  } as const))

  it("with too few grants shows nothing", () =>
    assert.deepStrictEqual(hollow(grants, 3.1).map(({ rule }) => rule), ["hollow run"]))

  it("with enough does", () => assert.deepStrictEqual(hollow(grants, 3), []))
})
