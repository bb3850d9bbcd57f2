/**
 * Our own sources, read as text. Style is a test and not a review comment; and since a rule that finds
 * nothing may be blind, every rule is shown what it must find and what it must let pass.
 */
import { assert, describe, it } from "@effect/vitest"
import { join } from "node:path"
import type { Rule } from "../scripts/tidy/Rule.ts"
import { findings, readProject, rules } from "../scripts/tidy/rules.ts"
import { parse } from "../scripts/tidy/Source.ts"

const project = readProject(join(import.meta.dirname, ".."))

describe("our sources", () => {
  it("were all read", () => {
    const paths = project.map(({ path }) => path)
    for (const path of ["bin/holdfast.js", "scripts/tidy/rules.ts", "test/tidy.test.ts", "vitest.config.ts"]) {
      assert.include(paths, path)
    }
    assert.isTrue(paths.some((path) => path.startsWith("src/raft/")))
  })

  it.each(rules)("keep the rule: $name", (rule) => {
    assert.deepStrictEqual(findings(rule, project), [])
  })
})

interface Example {
  readonly rule: string
  readonly path: string
  readonly bad: ReadonlyArray<string>
  readonly good: ReadonlyArray<string>
}

const lines = (count: number, text: string) => `${text}\n`.repeat(count)
const body = (count: number) => `{\n${lines(count - 2, "  1")}}`
const comment = (count: number) => `/**\n${lines(count, " * This is what it is, and no more.")} */`

const examples: ReadonlyArray<Example> = [
  { rule: "line length", path: "src/a.ts", bad: [`// ${"x".repeat(118)}`], good: [`// ${"x".repeat(117)}`] },
  { rule: "file length", path: "test/a.ts", bad: [lines(301, "1")], good: [lines(300, "1")] },
  {
    rule: "function length",
    path: "src/a.ts",
    bad: [
      `function f() ${body(61)}`,
      `export const f = () => ${body(61)}`,
      `Effect.gen(function*() ${body(61)})`,
      `class A { method() ${body(61)} }`,
      `describe("a", () => { it("b", () => ${body(61)}) })`,
      `const contract = (it) => {\nf()\n${lines(61, `it("a", () => 1)`)}}`
    ],
    good: [
      `function f() ${body(60)}`,
      `describe("a", () => ${body(61)})`,
      `layer(Live)("a", (it) => ${body(61)})`,
      `it.layer(Live)("a", (it) => ${body(61)})`,
      `const contract = (it) => {\n${lines(61, `it("a", () => 1)`)}}`
    ]
  },
  {
    rule: "the world",
    path: "src/node/a.ts",
    bad: [
      "const now = Date.now()",
      "const now = new Date()",
      "const now = performance.now()",
      "const x = Math.random()",
      "setTimeout(f, 10)",
      "const id = setInterval",
      `console.log("x")`,
      "const { env } = process",
      "const id = { process }",
      "const id = crypto.randomUUID()",
      "const f = async () => 1",
      "const f = { async g() {} }",
      "async function f() {}",
      "await f()",
      `import { argv } from "node:process"`,
      `import { setTimeout as sleep } from "node:timers/promises"`,
      `import { createHash, randomBytes } from "node:crypto"`
    ],
    good: [
      "const x = Math.max(1, clock.Date)",
      "const x = { process: 1, console: 2 }",
      "interface A { readonly date: Date; process(): void }",
      "class A { process() {} }",
      `import { createHash } from "node:crypto"`,
      "// Date.now is forbidden, and so is process.exit",
      `const text = "setTimeout"`,
      "const text = value.toString() + valueOf(constructor)"
    ]
  },
  { rule: "the world", path: "src/cli/a.ts", bad: [], good: ["process.exit(await f())"] },
  {
    rule: "pure core",
    path: "src/raft/a.ts",
    bad: [
      `import { Effect } from "effect"`,
      `import { Option, Clock } from "effect"`,
      `import { type Queue } from "effect"`,
      `import type { Layer } from "effect"`,
      `import { Effect as Schema } from "effect"`,
      `import * as All from "effect"`,
      `import * as Random from "effect/Random"`,
      `import { Socket } from "effect/socket"`,
      `import { Csv } from "effect/encoding"`,
      `import { readFileSync } from "node:fs"`
    ],
    good: [
      `import { Data, Option, Schema } from "effect"`,
      `import { SchemaBinary } from "effect/encoding"`,
      `import { Term } from "./Term.ts"`
    ]
  },
  { rule: "pure core", path: "src/node/a.ts", bad: [], good: [`import { Effect } from "effect"`] },
  { rule: "dead file", path: "src/node/a.ts", bad: ["export const x = 1"], good: [] },
  {
    rule: "module comment",
    path: "src/a.ts",
    bad: ["", "const x = 1", "// A comment.\n// And more.", "/* One. */", comment(1), comment(13), `\n${comment(3)}`],
    good: [comment(2), comment(12)]
  },
  {
    rule: "unfinished",
    path: "test/a.ts",
    bad: ["// TODO: later", "/* a FIXME */", "const x = 1 // XXX", "// HACK"],
    good: [`const x = "TODO"`, "// todos are a list"]
  },
  {
    rule: "asserts something",
    path: "test/a.test.ts",
    bad: [
      `it("a", () => { f() })`,
      `it.effect("a", () => Effect.gen(function*() { yield* f }))`,
      `it.each([1])("a", () => f())`,
      `const check = () => 1; it("a", () => { check() })`,
      `it("a", () => { x.assert(1) })`
    ],
    good: [
      `it("a", () => { assert.isTrue(f()) })`,
      `it.effect("a", () => Effect.gen(function*() { assertHeld(yield* f) }))`,
      `it("a", () => { expect(f()).toBe(1) })`,
      `const same = assert.deepStrictEqual; const check = () => same(1, 1); it("a", () => { check() })`,
      `it.layer(Live)("a", (it) => { f() })`,
      `describe("a", () => { f() })`
    ]
  }
]

const ruleNamed = (name: string): Rule => {
  const rule = rules.find((candidate) => candidate.name === name)
  if (rule === undefined) throw new Error(`no rule is named ${name}`)
  return rule
}

const complaints = (rule: string, path: string, text: string) => findings(ruleNamed(rule), [parse(path, text)])

const title = (text: string) => {
  const [first = "", ...rest] = text.split("\n")
  return rest.length === 0 ? `\`${first.slice(0, 60)}\`` : `\`${first}\` and ${rest.length} lines`
}

describe("the rules", () => {
  it("all have an example that they must find", () => {
    const shown = examples.filter(({ bad }) => bad.length > 0).map(({ rule }) => rule)
    assert.sameMembers(shown, rules.map(({ name }) => name))
  })

  for (const { bad, good, path, rule } of examples) {
    for (const text of bad) {
      it(`${rule}: finds ${title(text)} in ${path}`, () => assert.isNotEmpty(complaints(rule, path, text)))
    }
    for (const text of good) {
      it(`${rule}: lets ${title(text)} pass in ${path}`, () => assert.isEmpty(complaints(rule, path, text)))
    }
  }

  it("lets a file live that another one imports or exports", () => {
    const used = parse("src/node/a.ts", "export const x = 1")
    const users = [
      "import { x } from './a.ts'",
      "export { x } from './a.ts'",
      "export * from './a.ts'",
      "import('./a.ts')"
    ]
    for (const user of users) {
      assert.isEmpty(
        findings(ruleNamed("dead file"), [used, parse("test/b.test.ts", user.replace("./", "../src/node/"))])
      )
      assert.isEmpty(ruleNamed("dead file").find(used, [used, parse("src/node/b.ts", user)]))
    }
  })
})
