/**
 * What `holdfast simulate` shows: a line for whatever happens, the same for the same seed, and at the end what was
 * checked; or, when a rule is broken, which.
 */
import { assert, describe, it } from "@effect/vitest"
import { show } from "../../src/sim/Show.ts"

const shown = (seed: number) => {
  const lines: Array<string> = []
  const { broken, lines: end } = show({ seed, nodes: 5, hours: 0.02 }, (_, text) => text, (line) => lines.push(line))
  return { broken, end, lines }
}

describe("A simulation to look at", () => {
  it("says who leads, who falls, and who gets what", () => {
    const { broken, end, lines } = shown(7)
    assert.isNull(broken)
    assert.include(lines[1], "time  term  1 2 3 4 5  what happens")
    assert.match(lines.join("\n"), /0:00:00\.\d{3} {5}1 {2}[·●] [·●] [·●] [·●] [·●] {2}node\d leads term 1\n/)
    assert.match(lines.join("\n"), /client\d gets lock\d with token 1\n/)
    assert.match(lines.join("\n"), / × .*node\d falls\n/)
    assert.match(end.join("\n"), /Counted: [\d,]+ steps, \d+ elections/)
  })

  it("is the same for the same seed", () => {
    assert.deepStrictEqual(shown(3).lines, shown(3).lines)
    assert.notDeepEqual(shown(3).lines, shown(4).lines)
  })
})
