/**
 * What a profile of V8 says of where the time went: whose time a native function is, and what a layer is.
 */
import { assert, describe, it } from "@effect/vitest"
import { type CpuProfile, selfTimes } from "../../bench/profile/CpuProfile.ts"
import { hottest, layerOf, shares } from "../../bench/profile/Layers.ts"

const frame = (functionName: string, url = "") => ({ functionName, url, lineNumber: 0 })

const log = "file:///x/src/node/logstore/Transaction.ts"
const core = "file:///x/src/raft/RaftCore.ts"

/** The root calls a transaction, which calls into SQLite, and the core; the rest of the time is idle. */
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(root)"), children: [2, 4, 5, 6] },
    { id: 2, callFrame: frame("commit", log), children: [3] },
    { id: 3, callFrame: frame("run") },
    { id: 4, callFrame: frame("step", core) },
    { id: 5, callFrame: frame("(idle)") },
    { id: 6, callFrame: frame("(garbage collector)") }
  ],
  samples: [2, 3, 4, 3, 6, 5, 5],
  timeDeltas: [7, 100, 200, 50, 200, 50, 400]
}

describe("self times", () => {
  it("last from a sample to the next, and those of one function are one", () =>
    assert.deepStrictEqual(
      selfTimes(profile).map(({ frame, micros }) => [frame.functionName, micros]),
      [["run", 400], ["(idle)", 400], ["commit", 100], ["step", 50], ["(garbage collector)", 50]]
    ))

  it("of a native function belong to whoever called it, and of what is no function to nobody", () => {
    const owners = selfTimes(profile).map(({ frame, owner }) => [frame.functionName, owner.functionName])
    assert.deepInclude(owners, ["run", "commit"])
    assert.deepInclude(owners, ["(garbage collector)", "(garbage collector)"])
  })
})

describe("layers", () => {
  it("share the whole time", () =>
    assert.deepStrictEqual(shares(selfTimes(profile)), [
      { name: "log (SQLite, with its sync)", share: 0.5 },
      { name: "idle", share: 0.4 },
      { name: "Raft core", share: 0.05 },
      { name: "garbage collection", share: 0.05 }
    ]))

  it("are told by the place, the narrower one first", () => {
    const layers = [
      "file:///x/src/node/transport/Inlet.ts",
      "file:///x/src/node/Turn.ts",
      "file:///x/node_modules/effect/dist/rpc/RpcClient.js",
      "file:///x/node_modules/effect/dist/Fiber.js",
      "node:_http_server",
      "node:net",
      "node:zlib"
    ].map((url) => layerOf(frame("f", url)))
    assert.deepStrictEqual(layers, [
      "transport between nodes",
      "node (turns, codec)",
      "effect: RPC",
      "effect: fibers and the rest",
      "Node: HTTP",
      "Node: sockets and streams",
      "Node: the rest"
    ])
  })

  it("have hottest functions with their places, natives with those of their callers", () =>
    assert.deepStrictEqual(hottest(selfTimes(profile), 2), [
      { name: "run, native, for src/node/logstore/Transaction.ts:1", share: 0.4 },
      { name: "commit, src/node/logstore/Transaction.ts:1", share: 0.1 }
    ]))
})
