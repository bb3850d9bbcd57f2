/**
 * The way of requests into a node's inbox: renewals of a flood go together, nothing else waits, nothing is lost.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { RequestId, SessionHash } from "../../../src/lock/Identifiers.ts"
import * as RenewalPace from "../../../src/node/requests/RenewalPace.ts"
import type { Ask, Pending } from "../../../src/node/requests/Requests.ts"

const requestOf = (request: string, ask: Ask): Pending => ({
  request,
  ask,
  origin: null,
  trace: undefined,
  sinceMillis: 0,
  untilMillis: 1000,
  settle: () => {},
  sentTo: null,
  sentAtMillis: 0,
  copies: 0,
  queued: false
})

const renewal = (request: string): Pending =>
  requestOf(request, {
    command: { _tag: "RenewSession", request: RequestId.make(request), session: SessionHash.make("session") }
  })

const look = (request: string): Pending => requestOf(request, { query: { _tag: "Sessions", limit: 1, cursor: null } })

/** A pace, and the names of what it has handed on. */
const paced = Effect.gen(function*() {
  const handed: Array<string> = []
  const pace = yield* RenewalPace.make(({ request }) => void handed.push(request))
  const offerRenewals = (from: number, until: number) => {
    for (let at = from; at < until; at++) pace.offer(renewal(`${at}`))
  }
  return { ...pace, handed, offerRenewals }
})

const names = (from: number, until: number) => Array.from({ length: until - from }, (_, at) => `${from + at}`)

describe("renewals", () => {
  it.effect("of which there are few go on at once", () =>
    Effect.gen(function*() {
      const { handed, offerRenewals } = yield* paced
      offerRenewals(0, RenewalPace.unpacedMax)
      assert.deepStrictEqual(handed, names(0, RenewalPace.unpacedMax))
    }))

  it.effect("that come no faster than the pace never wait", () =>
    Effect.gen(function*() {
      const { handed, offerRenewals } = yield* paced
      for (let at = 0; at < 5 * RenewalPace.unpacedMax; at++) {
        offerRenewals(at, at + 1)
        assert.lengthOf(handed, at + 1)
        yield* TestClock.adjust(RenewalPace.paceMillis)
      }
    }))

  it.effect("of a flood go on together, in their order, when the pace allows", () =>
    Effect.gen(function*() {
      const { handed, offerRenewals } = yield* paced
      const first = RenewalPace.unpacedMax
      offerRenewals(0, first + 50)
      assert.lengthOf(handed, first)
      yield* TestClock.adjust(RenewalPace.paceMillis - 1)
      offerRenewals(first + 50, first + 60)
      assert.lengthOf(handed, first)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(handed, names(0, first + 60))
      offerRenewals(first + 60, first + 70)
      assert.lengthOf(handed, first + 60)
      yield* TestClock.adjust(RenewalPace.paceMillis)
      assert.deepStrictEqual(handed, names(0, first + 70))
    }))

  it.effect("that wait go on with whatever else is asked, before it, and once", () =>
    Effect.gen(function*() {
      const { handed, offer, offerRenewals } = yield* paced
      offerRenewals(0, RenewalPace.unpacedMax + 2)
      offer(look("look"))
      assert.deepStrictEqual(handed, [...names(0, RenewalPace.unpacedMax + 2), "look"])
      yield* TestClock.adjust(10 * RenewalPace.paceMillis)
      assert.lengthOf(handed, RenewalPace.unpacedMax + 3)
    }))

  it.effect("may come at once again after a pause", () =>
    Effect.gen(function*() {
      const { handed, offerRenewals } = yield* paced
      offerRenewals(0, 100)
      yield* TestClock.adjust(2 * RenewalPace.unpacedMax * RenewalPace.paceMillis)
      offerRenewals(100, 100 + RenewalPace.unpacedMax)
      assert.lengthOf(handed, 100 + RenewalPace.unpacedMax)
    }))
})
