/**
 * Runs the unit tests of the two cores for Stryker, all in one process that stays: modules are loaded once, mutants are
 * switched on and off inside them, and a mutant costs the milliseconds of the tests that reach it. Vitest would load
 * effect anew for each of thousands of mutants.
 *
 * The same tests run in the same order with the same chance, so that the same mutants are found each time.
 */
import { globSync } from "node:fs"
import { registerHooks } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Script } from "node:vm"
import { Rng } from "../../src/sim/Rng.ts"
import type { Test } from "./Vitest.ts"

const vitest = new URL("Vitest.ts", import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "vitest" && context.parentURL !== vitest
      ? { url: vitest, shortCircuit: true, format: "module-typescript" }
      : next(specifier, context),
  load: (url, context, next) => {
    const loaded = next(url, context)
    return url.endsWith(".test.ts") ? { ...loaded, source: withFewerRuns(String(loaded.source)) } : loaded
  }
})

/** A tenth of the random histories: a mutant that lives through those is seldom caught by the others. */
const withFewerRuns = (source: string): string =>
  source.replaceAll(/\bruns: (\d+)/g, (_, runs: string) => `runs: ${Math.ceil(Number(runs) / 10)}`)

/** What the instrumented code and this runner share. */
interface Shared {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  readonly mutantCoverage?: Coverage
}

/** How often each mutant was come by, by its id. */
type Hits = Readonly<Record<string, number>>

interface Coverage {
  readonly static: Hits
  readonly perTest: Readonly<Record<string, Hits>>
}

const shared: Shared = ((globalThis as unknown as Record<string, Shared>)["__stryker__"] ??= {})

interface Ran {
  readonly test: Test
  readonly millis: number
  readonly failure: string | undefined
  readonly isEndless: boolean
}

interface MutantRun {
  readonly activeMutant: { readonly id: string }
  readonly testFilter?: ReadonlyArray<string>
  readonly hitLimit?: number
  readonly mutantActivation: "static" | "runtime"
}

/** Stryker lets a loop turn a hundred times as often as all tests do without a mutant; ten times is endless, too. */
const hitsMax = (hitLimit: number | undefined): number => (hitLimit ?? Infinity) / 10

class Runner {
  #tests: ReadonlyArray<Test> = []
  /** How long each took without a mutant: the quick ones go first. */
  readonly #millis = new Map<string, number>()

  capabilities() {
    return { reloadEnvironment: false }
  }

  async dryRun() {
    await this.#load()
    const ran: Array<Ran> = []
    for (const test of this.#tests) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other: each is told apart by what it reaches
      ran.push(await run(test))
    }
    for (const { millis, test } of ran) this.#millis.set(test.name, millis)
    const tests = ran.map(({ failure, millis, test: { name } }) =>
      failure === undefined
        ? { id: name, name, status: 0, timeSpentMs: millis }
        : { id: name, name, status: 1, timeSpentMs: millis, failureMessage: failure }
    )
    return { status: "complete", tests, mutantCoverage: shared.mutantCoverage && withoutLoading(shared.mutantCoverage) }
  }

  async mutantRun({ activeMutant, hitLimit, mutantActivation, testFilter }: MutantRun) {
    // What is made when a module is loaded is made with the mutant in it.
    if (mutantActivation === "static") shared.activeMutant = activeMutant.id
    await this.#load()
    Object.assign(shared, { activeMutant: activeMutant.id, hitCount: 0, hitLimit: hitsMax(hitLimit) })
    const wanted = testFilter && new Set(testFilter)
    const tests = this.#tests.filter(({ name }) => wanted?.has(name) ?? true)
    const result = await this.#kill(this.#quickestFirst(tests))
    shared.activeMutant = undefined
    return result
  }

  async #kill(tests: ReadonlyArray<Test>) {
    for (const [at, test] of tests.entries()) {
      // oxlint-disable-next-line no-await-in-loop
      const { failure, isEndless } = await run(test, 2000 + 10 * this.#millisOf(test))
      if (isEndless || (shared.hitCount ?? 0) > (shared.hitLimit ?? Infinity)) {
        return { status: "timeout", reason: `${test.name} does not end` }
      }
      if (failure !== undefined) {
        return { status: "killed", killedBy: [test.name], failureMessage: failure, nrOfTests: at + 1 }
      }
    }
    return { status: "survived", nrOfTests: tests.length }
  }

  #quickestFirst(tests: ReadonlyArray<Test>): ReadonlyArray<Test> {
    return tests.toSorted((one, other) => this.#millisOf(one) - this.#millisOf(other))
  }

  #millisOf({ name }: Test): number {
    return this.#millis.get(name) ?? 0
  }

  async #load(): Promise<void> {
    if (this.#tests.length > 0) return
    const { takeDeclared } = await import("./Vitest.ts")
    const tests: Array<Test> = []
    for (const file of globSync("test/{lock,raft}/**/*.test.ts").toSorted()) {
      // oxlint-disable-next-line no-await-in-loop -- it tells which tests are whose
      await import(pathToFileURL(join(process.cwd(), file)).href)
      tests.push(...takeDeclared().map(({ name, run }) => ({ name: `${file}: ${name}`, run })))
    }
    this.#tests = tests.filter(({ name }) => !isAboutTests.test(name))
  }
}

/** What is come by both in a test and when tests are loaded can be switched on for the test alone. */
const withoutLoading = ({ perTest, static: loading }: Coverage): Coverage => {
  const inTests = new Set(Object.values(perTest).flatMap((hits) => Object.keys(hits)))
  return { perTest, static: Object.fromEntries(Object.entries(loading).filter(([mutant]) => !inTests.has(mutant))) }
}

/** Tests that look at whether other tests can fail: they take long, and find nothing that those do not. */
const isAboutTests = /differ only if something is planted|so that the comparison is not hollow/

/** On a busy machine a test may be given no time at all: endless is only what has used what it had. */
const run = async (test: Test, millisMax = 60_000): Promise<Ran> => {
  for (let attempts = 1;; attempts++) {
    const began = process.cpuUsage()
    // oxlint-disable-next-line no-await-in-loop
    const ran = await attempt(test, millisMax)
    const { system, user } = process.cpuUsage(began)
    if (!ran.isEndless || attempts === 20 || (user + system) / 1000 > millisMax / 10) return ran
  }
}

const attempt = async (test: Test, millisMax: number): Promise<Ran> => {
  const { random } = Math
  const rng = new Rng(1)
  Math.random = () => rng.next()
  shared.currentTestId = test.name
  const began = performance.now()
  let failure: string | undefined
  let isEndless = false
  try {
    const stopped = new Promise((_, reject) => {
      stop = reject
    })
    await Promise.race([bounded(() => test.run(), millisMax), stopped])
  } catch (error) {
    failure = error instanceof Error ? error.message || error.name : String(error)
    isEndless = isTimeout(error)
  }
  shared.currentTestId = undefined
  Math.random = random
  return { test, millis: performance.now() - began, failure, isEndless }
}

/**
 * What loops without end and without coming by its mutant is stopped from outside. To wait until Stryker ends the whole
 * process and starts another one would take most of the time of a run.
 */
const bounded = (body: () => unknown, millisMax: number): unknown => {
  const { slot } = call
  ;(globalThis as unknown as Record<string, unknown>)[slot] = body
  return call.script.runInThisContext({ timeout: Math.ceil(millisMax) })
}

/** Ends the test that runs, whose fibers have come to no end in a turn of their own. */
let stop: (error: unknown) => void = () => {}

const { setImmediate: later } = globalThis
const turn = (run: (...args: ReadonlyArray<unknown>) => void, ...args: ReadonlyArray<unknown>) =>
  later(() => {
    try {
      bounded(() => run(...args), turnMillisMax)
    } catch (error) {
      if (!isTimeout(error)) throw error
      stop(error)
    }
  })
// Effect takes it when it is loaded, which is after this.
Object.assign(globalThis, { setImmediate: turn })

const turnMillisMax = 2000

const call = { slot: "__holdfast_test__", script: new Script("globalThis.__holdfast_test__()") }

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"

const create = () => new Runner()
create.inject = [] as const

export const strykerPlugins = [{ kind: "TestRunner", name: "cores", factory: create }]
