/**
 * Only configured members of the cluster move a node: a stranger's message, whatever it says and however
 * high its term, changes nothing and is not answered.
 */
import { assert, describe, it } from "@effect/vitest"
import {
  appended,
  appendEntries,
  connected,
  from,
  installSnapshot,
  leader,
  node,
  play,
  rejected,
  requestVote,
  snapshotOf,
  timedOut,
  timeoutNow,
  vote
} from "./support/build.ts"

const term = 1000
const messages = [
  requestVote({ term, last: [1000, 1000] }),
  requestVote({ term, last: [1000, 1000], preVote: true }),
  vote({ term }),
  vote({ term, granted: false }),
  vote({ term, granted: false, preVote: true }),
  appendEntries({ term, prev: [0, 0] }),
  installSnapshot({ term, snapshot: snapshotOf(1000, 1000) }),
  appended({ term, match: 1000 }),
  rejected({ term, prev: 1, hint: [0, 0] })
]

const isHeardWithALink: ReadonlySet<string> = new Set(["AppendEntries", "InstallSnapshot", "RequestVote"])

describe("A node that the membership does not name, with a link,", () => {
  const follower = play(node({ log: [1, 1] }), connected("n9")).state
  const states = {
    "a follower": follower,
    "a pre-candidate": play(follower, timedOut(follower)).state,
    "a leader": play(leader({ log: [1, 1] }), connected("n9")).state
  }
  const unheard = [...messages, timeoutNow({ term: 1 }), requestVote({ term, last: [2, 1] })].filter((message) =>
    !isHeardWithALink.has(message._tag) || (message._tag === "RequestVote" && message.lastLogIndex === 2)
  )
  for (const [whom, state] of Object.entries(states)) {
    it.each(unheard)(`moves ${whom} by no $_tag of term $term`, (message) => {
      assert.deepStrictEqual(play(state, from("n9", message)), { state, actions: [] })
    })
  }
})

describe("A node that the membership does not name changes nothing", () => {
  const follower = node({ log: [1, 1] })
  const states = {
    "on an empty log": node(),
    "at a follower": follower,
    "at a pre-candidate": play(follower, timedOut(follower)).state,
    "at a leader": leader({ log: [1, 1] })
  }
  for (const [where, state] of Object.entries(states)) {
    it.each(messages)(`${where}: $_tag of term $term`, (message) => {
      const after = play(state, from("n9", message))
      assert.strictEqual(after.state, state)
      assert.deepStrictEqual(after.actions, [])
    })
  }
})
