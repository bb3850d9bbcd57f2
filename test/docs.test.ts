/**
 * What the documents say is there is there: each file that they link to, and each function and test that
 * `docs/raft.md` names for a rule of the paper. Whether it is the right one only a reader can tell.
 */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

const root = join(import.meta.dirname, "..")
const read = (path: string) => readFileSync(join(root, path), "utf8")

/** Rows of all tables of a text, without their heads; a row is its cells. */
const rowsOf = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  text.split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (rule|---) \|/.test(line))
    .map((line) => line.split(" | ").map((cell) => cell.replaceAll(/^\| | \|$/g, "")))

const quoted = /`([^`]+)`/g
const namesIn = (cell: string) => [...cell.matchAll(quoted)].map(([, name]) => name ?? "")

/** Functions stand in `src/raft`, unless a folder is named behind them. */
const missingFunctions = (cell: string): ReadonlyArray<string> => {
  const folders = namesIn(cell).filter((name) => name.startsWith("src/"))
  return namesIn(cell).filter((name) => !name.startsWith("src/")).filter((name) => {
    const [module, member] = name.split(".")
    const files = [...folders, "src/raft"].flatMap((folder) => globSync(`${folder}/**/${module}.ts`, { cwd: root }))
    const declares = new RegExp(`^export (const|class|function|interface|type) ${member}\\b|^const ${member}\\b`, "m")
    return !files.some((file) => member === undefined || declares.test(read(file)))
  })
}

const fileOf = (name: string): string | undefined =>
  [name, `test/raft/${name}`, `test/raft/${name}.test.ts`, `src/sim/core/invariants/${name}.ts`]
    .find((path) => existsSync(join(root, path)))

/** A transcript may be named by how it begins. */
const isTranscript = (name: string): boolean => {
  const start = name.replace(/^interaction\//, "").replace("…", "")
  return name.startsWith("interaction/") &&
    readdirSync(join(root, "test/raft/interaction")).some((file) => file.startsWith(start))
}

/** Each `file` in a cell, with the names of tests in quotes behind it. */
const missingTests = (cell: string): ReadonlyArray<string> =>
  partsOf(cell).flatMap(({ name, titles }) => {
    const file = fileOf(name)
    if (file === undefined) return isTranscript(name) ? [] : [name]
    const text = file.endsWith(".ts") ? read(file) : ""
    return titles.filter((title) => !title.split("…").every((part) => text.includes(part.trim())))
      .map((title) => `${name}: "${title}"`)
  })

const partsOf = (cell: string) => {
  const marks = [...cell.matchAll(quoted)]
  return marks.map((mark, at) => {
    const behind = cell.slice(mark.index + mark[0].length, marks[at + 1]?.index)
    return { name: mark[1] ?? "", titles: [...behind.matchAll(/"([^"]+)"/g)].map(([, title]) => title ?? "") }
  })
}

const rules = rowsOf(read("docs/raft.md"))

describe("docs/raft.md", () => {
  it("names what there is: a function and a test for each rule", () => {
    assert.isAbove(rules.length, 50)
    for (const [rule = "", functions = "", tests = ""] of rules) {
      const missing = [...missingFunctions(functions), ...missingTests(tests)]
      assert.deepStrictEqual({ rule, missing }, { rule, missing: [] })
      const isProven = rule.startsWith("§5.4.3") || (namesIn(functions).length > 0 && namesIn(tests).length > 0)
      assert.isTrue(isProven, `no function or no test: ${rule}`)
    }
  })

  it("would be found out: what is not there is missed", () => {
    assert.deepStrictEqual(missingFunctions("`Election.campaign`, `Election.nobody`, `Nowhere`"), [
      "Election.nobody",
      "Nowhere"
    ])
    assert.deepStrictEqual(missingFunctions("`PeerMarks.observe` (`src/node`)"), [])
    assert.deepStrictEqual(
      missingTests("`durability`: \"a vote, and its request\", \"a lie\"; `interaction/a-wiped-…`"),
      [
        "durability: \"a lie\""
      ]
    )
    assert.deepStrictEqual(missingTests("`paper/Nowhere`"), ["paper/Nowhere"])
  })
})

describe("Every document", () => {
  const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...globSync("docs/**/*.md", { cwd: root })]

  it.each(documents)("%s links to files that are there", (document) => {
    const links = [...read(document).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link ?? "")
    const missing = links.filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(document), link)))
    assert.deepStrictEqual(missing, [])
  })

  it.each(documents)("%s names test files that are there, by the ends of their paths", (document) => {
    assert.deepStrictEqual(missingTestFiles(read(document)), [])
  })

  it("would be found out that names another", () => {
    assert.deepStrictEqual(missingTestFiles("`cluster/Members.test.ts` and `node/Nowhere.test.ts`"), [
      "node/Nowhere.test.ts"
    ])
  })
})

const missingTestFiles = (text: string): ReadonlyArray<string> =>
  namesIn(text).filter((name) => /^[\w./]+\.test\.ts$/.test(name))
    .filter((name) => !existsSync(join(root, name)) && globSync(`test/**/${name}`, { cwd: root }).length === 0)
