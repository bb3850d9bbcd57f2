/**
 * Random walks of one client through acquires, cancellations, releases, lost links, late answers and passing time, each
 * from a seed: what it believes to hold it holds in the cluster, and what it gave up is left with nobody.
 */
import { assert, describe, it } from "@effect/vitest"
import { NoLeader, OutcomeUnknown, Overloaded } from "../../src/api/Problems.ts"
import type { AcquireRequest } from "../../src/client/engine/Acquisition.ts"
import { Rng } from "../../src/sim/Rng.ts"
import { type Asked, makeByHand, type Sent } from "./ByHand.ts"

const names = ["a", "b"]

interface Wanted {
  readonly name: string
  readonly asked: Asked
  isOver: boolean
}

class Walk {
  readonly #rng: Rng
  readonly #client = makeByHand()
  readonly #wanted: Array<Wanted> = []
  /** Sent, and done when the walk says, in whichever order: each on a connection of its own, as over HTTP. */
  #underWay: Array<Sent> = []
  #isLinked = true

  constructor(seed: number) {
    this.#rng = new Rng(seed)
  }

  readonly #steps: ReadonlyArray<readonly [share: number, step: () => void]> = [
    [22, () => this.#acquire()],
    [10, () => this.#cancel()],
    [12, () => this.#release()],
    [16, () => void this.#underWay.push(...this.#isLinked ? this.#client.take() : [])],
    [14, () => this.#perform()],
    [8, () => this.#isLinked ? this.#unlink() : this.#link()],
    [14, () => this.#pass(this.#rng.pick([10, 100, 600, 1500, 4600, 13_600]))],
    [4, () => this.#isLinked ? this.#client.settle() : undefined]
  ]

  step(): void {
    let at = this.#rng.between(0, 99)
    for (const [share, step] of this.#steps) {
      if (at < share) return step()
      at -= share
    }
  }

  /** What it believes to hold, and nobody has. */
  get lies(): ReadonlyArray<string> {
    return this.#held.filter(({ asked: { lock }, name }) =>
      lock!.state !== "lost" && !this.#client.holders(name).includes(lock!.facts.token)
    ).map(({ asked, name }) => `${name} ${asked.lock!.facts.token}`)
  }

  /** Who wants something gives it up, and the cluster is there again. */
  end(): void {
    this.#unlink()
    this.#link()
    for (const one of this.#undecided) this.#giveUp(one)
    for (const one of this.#held) this.#letGo(one)
    for (let millis = 0; millis < 12_000; millis += 100) {
      this.#client.live(100)
      this.#client.wake()
    }
  }

  /** What somebody holds or waits for in the cluster. */
  get left(): ReadonlyArray<string> {
    return names.filter((name) => this.#client.holders(name).length + this.#client.queueLength(name) > 0)
  }

  get #undecided(): ReadonlyArray<Wanted> {
    return this.#wanted.filter(({ asked, isOver }) => !isOver && asked.lock === null && asked.refusal === null)
  }

  get #held(): ReadonlyArray<Wanted> {
    return this.#wanted.filter(({ asked, isOver }) => asked.lock !== null && !isOver)
  }

  #acquire(): void {
    const name = this.#rng.pick(names)
    const wish: Partial<AcquireRequest> = {
      ttlMillis: this.#rng.pick([5000, 15_000]),
      owner: this.#rng.pick([null, "me", "me", "you"]),
      waitMillis: this.#rng.pick([null, 500, 3000, 20_000, Infinity]),
      mode: this.#rng.chance(0.15) ? "shared" : "exclusive",
      maxHoldMillis: this.#rng.chance(0.15) ? this.#rng.pick([1000, 4000]) : null
    }
    this.#wanted.push({ name, asked: this.#client.acquire(name, wish), isOver: false })
  }

  #giveUp(one: Wanted): void {
    one.isOver = true
    one.asked.acquisition.cancel()
  }

  #cancel(): void {
    for (const one of this.#undecided) if (this.#rng.chance(0.4)) this.#giveUp(one)
  }

  #letGo(one: Wanted, then: () => void = () => {}): void {
    one.isOver = true
    if (this.#rng.chance(0.2)) one.asked.lock!.takeBack()
    else one.asked.lock!.release(then)
  }

  /** What becomes of one may be why another one is given up. */
  #release(): void {
    if (this.#held.length === 0) return
    this.#letGo(this.#rng.pick(this.#held), () => this.#rng.chance(0.3) ? this.#cancel() : undefined)
  }

  #perform(): void {
    if (this.#rng.chance(0.3)) this.#underWay = this.#underWay.toSorted(() => this.#rng.next() - 0.5)
    for (const sent of this.#underWay.splice(0, this.#rng.between(0, this.#underWay.length))) {
      const isRefused = this.#rng.chance(0.12)
      const problems = [new NoLeader({}), new OutcomeUnknown({}), new Overloaded({})]
      if (isRefused) this.#client.refuse(sent, this.#rng.pick(problems))
      if (!isRefused || this.#rng.chance(0.3)) this.#client.perform(sent)
    }
    if (this.#rng.chance(0.15) && this.#isLinked) this.#unlink()
    else if (this.#rng.chance(0.8)) this.#client.hear()
  }

  /** What has not been heard by then is lost, and what was under way may be, or comes late. */
  #unlink(): void {
    if (this.#isLinked) this.#client.engine.unlinked()
    this.#isLinked = false
    if (this.#rng.chance(0.5)) this.#client.hear()
    this.#client.lose()
    this.#underWay = this.#underWay.filter(() => this.#rng.chance(0.5))
  }

  #link(): void {
    this.#isLinked = true
    this.#client.engine.linked()
  }

  #pass(millis: number): void {
    this.#client.pass(millis)
    this.#client.engine.tend()
    this.#client.wake()
  }
}

const walk = (seed: number): void => {
  const one = new Walk(seed)
  for (let step = 0; step < 20 + seed % 60; step++) {
    one.step()
    assert.deepStrictEqual(one.lies, [], `seed ${seed}, after step ${step}`)
  }
  one.end()
  assert.deepStrictEqual(one.left, [], `seed ${seed}`)
}

describe("A client on any walk", () => {
  it("holds what it believes to hold, and leaves nothing behind", () => {
    for (let seed = 1; seed <= 1000; seed++) walk(seed)
  })
})
