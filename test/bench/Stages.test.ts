/**
 * The stages of an election as the nodes' logs tell them.
 */
import { assert, describe, it } from "@effect/vitest"
import { stagesSince } from "../../bench/failover/Stages.ts"

const struck = Date.parse("2030-01-01T00:00:00.000Z")
const line = (millis: number, message: string) =>
  `${JSON.stringify({ timestamp: new Date(struck + millis).toISOString(), message })}\n`
const node = (...lines: ReadonlyArray<string>) => ({ said: () => `node listens: …\n${lines.join("")}` })

describe("the stages since a strike", () => {
  it("are told by whoever of those left was first", () => {
    const one = node(
      line(-900, "Leads"),
      line(3, "Lost the link to a peer"),
      line(19, "Asks for votes"),
      line(24, "Leads")
    )
    const other = node(line(2, "Lost the link to a peer"), line(16, "Asks whether it could win an election"))
    assert.deepStrictEqual(stagesSince([one, other], struck), { noticed: 2, asked: 16, led: 24, candidacies: 1 })
  })

  it("show a vote that was split as more candidacies than one", () => {
    const nodes = [node(line(10, "Asks for votes"), line(400, "Asks for votes")), node(line(11, "Asks for votes"))]
    assert.strictEqual(stagesSince(nodes, struck).candidacies, 3)
  })

  it("are null where nobody said anything", () =>
    assert.deepStrictEqual(stagesSince([node()], struck), { noticed: null, asked: null, led: null, candidacies: 0 }))
})
