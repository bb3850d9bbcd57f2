/**
 * What a snapshot stands for is told whole: nothing that it replaces can be asked any more.
 */
import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { Snapshot } from "../../src/raft/Snapshot.ts"

const json = Schema.toCodecJson(Snapshot)
const decode = Schema.decodeUnknownOption(json)

const told = {
  index: 9,
  term: 3,
  time: 40,
  configIndex: 1,
  membership: { clusterId: "c", members: [{ nodeId: "n1", raft: "127.0.0.1:9081", voter: true, storeId: null }] }
}

describe("A snapshot's description", () => {
  it("comes back from JSON as it went", () => {
    const snapshot = Option.getOrThrow(decode(told))
    assert.deepStrictEqual(JSON.parse(JSON.stringify(Schema.encodeSync(json)(snapshot))), told)
  })

  for (const field of Object.keys(told)) {
    it(`is none without its ${field}`, () => {
      assert.isTrue(Option.isNone(decode({ ...told, [field]: undefined })))
    })
  }
})
