/**
 * What can be imported is explained: each public name says what it is and shows it at work, and so do its fields and
 * methods in a sentence. That the examples compile and run is what `test/e2e/Package.test.ts` finds out.
 */
import { assert, describe, it } from "@effect/vitest"
import { join } from "node:path"
import { codeIn } from "../scripts/reference/examples.ts"
import { entries, type PublicName, publicNamesOf } from "../scripts/reference/PublicName.ts"

const names = publicNamesOf(join(import.meta.dirname, ".."))

/** What is missing; a `message` or a `detail` is what it is called. */
const missing = ({ comment, members, name }: PublicName): ReadonlyArray<string> => {
  const examples = codeIn(comment)
  const uses = new RegExp(`\\b${name}\\b`)
  const silent = members.filter((member) =>
    member.comment === "" && !/^(_tag|message|detail|with\w+)$/.test(member.name)
  )
  return [
    ...(comment.split("@example")[0]?.trim() === "" ? ["what it is"] : []),
    ...(examples.length === 0 ? ["an example"] : []),
    ...(examples.some((code) => uses.test(code) && code.includes("from \"holdfast"))
      ? []
      : ["its name in its example"]),
    ...silent.map((member) => `what ${member.name} is`)
  ]
}

describe("The API reference", () => {
  it("was read, entry by entry", () => {
    for (const entry of Object.keys(entries)) assert.isNotEmpty(names.filter((name) => name.entry === entry), entry)
    for (const name of ["LockClient", "createClient", "TestCluster", "makeFence"]) {
      assert.isTrue(names.some((one) => one.name === name), name)
    }
    const lock = names.find(({ entry, name }) => entry === "holdfast/promise" && name === "Lock")
    assert.includeMembers(lock!.members.map(({ name }) => name), ["token", "release"])
  })

  it("says of every public name what it is, with an example, and a sentence for each of its parts", () => {
    const found = names.map((one) => ({ name: `${one.entry}: ${one.name}`, missing: missing(one) }))
    assert.deepStrictEqual(found.filter(({ missing }) => missing.length > 0), [])
  })

  it("would be found out", () => {
    const bare = { entry: "holdfast", path: "src/index.ts", members: [] }
    const example = (code: string) => `What it is.\n\n@example\n\`\`\`ts\n${code}\n\`\`\``
    assert.deepStrictEqual(missing({ ...bare, name: "Lock", comment: "" }), [
      "what it is",
      "an example",
      "its name in its example"
    ])
    const other = example("import { Other } from \"holdfast\"")
    assert.deepStrictEqual(missing({ ...bare, name: "Lock", comment: other }), ["its name in its example"])
    const good = example("import { type Lock } from \"holdfast\"")
    const token = { name: "token", comment: "", type: "" }
    assert.deepStrictEqual(missing({ ...bare, name: "Lock", comment: good, members: [token] }), ["what token is"])
  })
})
