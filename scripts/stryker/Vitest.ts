/**
 * What the unit tests of the two cores use of vitest, so that a mutation run can keep them in one process and run the
 * same ones thousands of times. It knows no hooks, no fixtures and no snapshots that are written: a test that comes to
 * need more fails in the run without any mutant, and so cannot be overlooked.
 */
import { readFileSync } from "node:fs"
import { assert, TestRunner } from "vitest"

export { assert, TestRunner }

export interface Test {
  readonly name: string
  readonly run: () => unknown
}

type Body = (...args: ReadonlyArray<unknown>) => unknown

/** Those that have been declared since they were last taken. */
let declared: Array<Test> = []
let path: ReadonlyArray<string> = []

export const takeDeclared = (): ReadonlyArray<Test> => {
  const taken = declared
  declared = []
  return taken
}

/** A body may stand before its options or behind them. */
const bodyOf = (args: ReadonlyArray<unknown>): Body => args.find((arg): arg is Body => typeof arg === "function")!

export const describe = (name: string, ...args: ReadonlyArray<unknown>): void => {
  const outer = path
  path = [...outer, name]
  bodyOf(args)()
  path = outer
}

const declare = (name: string, run: () => unknown): void => {
  declared.push({ name: [...path, name].join(" > "), run })
}

const test = (name: string, ...args: ReadonlyArray<unknown>): void => {
  const body = bodyOf(args)
  declare(name, () => body())
}

/** Cases get their place as part of their names: nobody reads them, but each must be another one. */
const each = (cases: ReadonlyArray<unknown>) => (name: string, ...args: ReadonlyArray<unknown>): void =>
  cases.forEach((given, at) =>
    declare(`${name} #${at}`, () => bodyOf(args)(...(Array.isArray(given) ? given as ReadonlyArray<unknown> : [given])))
  )

const forEach = (cases: ReadonlyArray<unknown>) => (name: string, ...args: ReadonlyArray<unknown>): void =>
  cases.forEach((given, at) => declare(`${name} #${at}`, () => bodyOf(args)(given)))

const unsupported = (): never => {
  throw new Error("scripts/stryker/Vitest.ts does not know this part of vitest")
}

export const it = Object.assign(test, {
  each,
  for: forEach,
  skip: unsupported,
  skipIf: unsupported,
  runIf: unsupported,
  only: unsupported,
  fails: unsupported
})

/** Only what compares a text with a file. */
export const expect = (text: string) => ({
  toMatchFileSnapshot: (file: string): void => assert.strictEqual(text, readFileSync(file, "utf8"))
})

export const afterAll = unsupported
export const beforeAll = unsupported
export const beforeEach = unsupported
