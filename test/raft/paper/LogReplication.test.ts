/**
 * §5.3 Log replication. Each test opens with the sentence of the paper that it checks.
 */
import { assert, describe, it } from "@effect/vitest"
import { Event } from "../../../src/raft/Event.ts"
import { defaultSettings, type RaftState } from "../../../src/raft/RaftState.ts"
import {
  appended,
  appendEntries,
  assertHas,
  connected,
  disconnected,
  entriesOf,
  from,
  leader,
  node,
  only,
  play,
  proposed,
  rejected,
  sent,
  synced,
  termsOf
} from "../support/build.ts"
import { Cluster } from "../support/Cluster.ts"

/** Leads term 2; its opening entry 2 is on every disk. */
const settled = (options: Parameters<typeof leader>[0] = {}): RaftState => {
  const state = leader({ log: [1], ...options })
  return play(state, synced(state), ...["n2", "n3"].map((name) => from(name, appended({ term: 2, match: 2 })))).state
}

const indexesOf = (messages: ReturnType<typeof sent>): ReadonlyArray<ReadonlyArray<number>> =>
  messages.map((message) => message._tag === "AppendEntries" ? message.entries.map(({ index }) => Number(index)) : [])

describe("§5.3 Log replication", () => {
  it("The leader appends the command to its log as a new entry, then issues AppendEntries RPCs in parallel.", () => {
    const { actions, state } = play(settled(), Event.Proposed({ bytes: Uint8Array.of(7), time: 40 }))
    assert.deepStrictEqual(termsOf(state), [1, 2, 2])
    for (const peer of ["n2", "n3"]) {
      const [message] = sent({ actions }, peer)
      assertHas(message, { term: 2, prevLogIndex: 2, prevLogTerm: 2, leaderCommit: 2 })
      assert.deepStrictEqual(message?._tag === "AppendEntries" && message.entries, [
        {
          index: state.log.lastIndex,
          term: state.term,
          time: 40,
          payload: { _tag: "Command", bytes: Uint8Array.of(7) }
        }
      ])
    }
  })

  it("a node that does not lead takes none", () => {
    const follower = node({ log: [1] })
    assert.strictEqual(play(follower, proposed(7)).state, follower)
  })

  it("The leader retries AppendEntries RPCs indefinitely until all followers eventually store all log entries.", () => {
    const lost = play(settled(), proposed(7)).state
    const beat = play(lost, Event.HeartbeatDue({ term: lost.term }))
    // A heartbeat asks for the latest entry that was sent, so a loss shows.
    assertHas(sent(beat, "n2")[0], { prevLogIndex: 3 })
    const told = play(beat.state, from("n2", rejected({ term: 2, prev: 3, hint: [2, 2] })))
    assert.deepStrictEqual(indexesOf(sent(told, "n2")), [[3]])
  })

  it("A log entry is committed once the leader has replicated it on a majority of the servers.", () => {
    const state = play(settled({ voters: 5 }), from("n4", appended({ term: 2, match: 2 })), proposed(7)).state
    const two = play(state, synced(state), from("n2", appended({ term: 2, match: 3 })))
    assert.deepStrictEqual(only(two, "Commit"), [])
    const three = play(two.state, from("n5", appended({ term: 2, match: 3 })))
    assert.deepStrictEqual(only(three, "Commit").map(({ index }) => Number(index)), [3])
  })

  it("a learner's copy is none of them", () => {
    const state = play(settled({ learners: 1 }), proposed(7)).state
    const acknowledged = play(state, synced(state), from("n4", appended({ term: 2, match: 3 })))
    assert.deepStrictEqual(only(acknowledged, "Commit"), [])
    assert.isNotEmpty(sent(play(settled({ learners: 1 }), connected("n4")), "n4"), "but it gets the log")
  })

  it("This also commits all preceding entries in the leader's log, including those of previous leaders.", () => {
    const state = leader({ log: [1, 1, 2, 2], term: 2 })
    const { actions } = play(state, synced(state), from("n2", appended({ term: 3, match: 5 })))
    assert.deepStrictEqual(only({ actions }, "Commit").map(({ index }) => Number(index)), [5])
  })

  it("The leader includes the highest committed index in future AppendEntries RPCs (including heartbeats).", () => {
    const beat = play(settled(), Event.HeartbeatDue({ term: settled().term }))
    assertHas(sent(beat, "n3")[0], { leaderCommit: 2, entries: [] })
  })

  it("Once a follower learns that a log entry is committed, it applies the entry (in log order).", () => {
    const follower = node({ self: "n2", log: [1, 1, 1] })
    const told = play(follower, from("n1", appendEntries({ term: 1, prev: [3, 1], commit: 2 })))
    assert.deepStrictEqual(only(told, "Commit").map(({ index }) => Number(index)), [2])
    const again = play(told.state, from("n1", appendEntries({ term: 1, prev: [3, 1], commit: 1 })))
    assert.strictEqual(again.state.commitIndex, 2, "and never takes it back")
  })

  it("If the follower does not find an entry with the same index and term, then it refuses the new entries.", () => {
    const follower = node({ self: "n2", log: [1, 1], term: 3 })
    for (const [prev, hint] of [[[3, 1], [2, 1]], [[2, 3], [2, 1]]] as const) {
      const refused = play(
        follower,
        from("n1", appendEntries({ term: 3, prev, entries: entriesOf([3], {}, prev[0] + 1) }))
      )
      assert.deepStrictEqual(sent(refused, "n1"), [rejected({ term: 3, prev: prev[0], hint })])
      assert.strictEqual(refused.state.log, follower.log)
    }
  })

  it("Conflicting entries in follower logs will be overwritten with entries from the leader's log.", () => {
    const follower = node({ self: "n2", log: [1, 1, 2, 2, 2], term: 3 })
    const message = appendEntries({ term: 3, prev: [2, 1], entries: entriesOf([3], {}, 3) })
    const { actions, state } = play(follower, from("n1", message))
    assert.deepStrictEqual(termsOf(state), [1, 1, 3])
    assert.deepStrictEqual(sent({ actions }, "n1"), [appended({ term: 3, match: 3 })])
  })

  it("Raft RPCs have the same effect if repeated: entries that are in the log already are ignored.", () => {
    const follower = node({ self: "n2", log: [1, 1, 1, 1] })
    const old = appendEntries({ term: 1, prev: [1, 1], entries: entriesOf([1, 1], {}, 2) })
    const { actions, state } = play(follower, from("n1", old))
    assert.strictEqual(state.log, follower.log, "nothing behind a match is cut")
    assert.deepStrictEqual(only({ actions }, "PersistEntries"), [])
    assert.deepStrictEqual(sent({ actions }, "n1"), [appended({ term: 1, match: 3 })])
  })

  it("Whenever AppendEntries returns successfully, the logs are identical up through the new entries.", () => {
    const follower = node({ self: "n2", log: [1, 1, 2, 2], term: 3 })
    const told = play(follower, from("n1", appendEntries({ term: 3, prev: [2, 1], commit: 4 })))
    assert.deepStrictEqual(sent(told, "n1"), [appended({ term: 3, match: 2 })])
    assert.strictEqual(told.state.commitIndex, 2)
  })

  it("When a leader first comes to power, all nextIndex values are just after the last one in its log.", () => {
    const state = leader({ log: [1, 1, 1] })
    assert.deepStrictEqual([...state.role.progress.values()].map(({ nextIndex }) => Number(nextIndex)), [4, 4])
  })

  it("One AppendEntries RPC will be required for each conflicting term, rather than one per entry.", () => {
    const logs = { n1: [1, 1, 1, 4, 4, 4, 4], n2: [1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3], n3: [1] }
    const cluster = new Cluster({ logs }).start("n1", "n2", "n3")
    cluster.timeout("n1")
    cluster.settle(({ to }) => to !== "n2")
    assert.strictEqual(cluster.state("n1").role._tag, "Leader")
    const exchanges = []
    cluster.drop(({ message, to }) => to === "n2" && message._tag !== "AppendEntries")
    while (cluster.terms("n2").length !== 8) {
      exchanges.push(...cluster.deliver(({ to }) => to === "n2"))
      cluster.deliver(({ from, to }) => from === "n2" && to === "n1")
      assert.isBelow(exchanges.length, 10)
    }
    assert.deepStrictEqual(cluster.terms("n2"), [1, 1, 1, 4, 4, 4, 4, 5])
    assert.isAtMost(exchanges.length, 3, "terms 2 and 3 are in conflict: one exchange for each, and one that matches")
  })

  it("A leader never overwrites or deletes entries in its own log (Leader Append-Only Property).", () => {
    const state = settled()
    const own = from("n2", appendEntries({ term: 2, prev: [0, 0], entries: entriesOf([2]) }))
    assert.throws(() => play(state, own), /election safety/)
    assert.deepStrictEqual(termsOf(play(state, proposed(7), proposed(8)).state), [1, 2, 2, 2])
  })

  it("never replaces what is committed: that would break leader completeness, and the node stops", () => {
    const follower = play(
      node({ self: "n2", log: [1, 1] }),
      from("n1", appendEntries({ term: 1, prev: [2, 1], commit: 2 }))
    )
    const message = appendEntries({ term: 3, prev: [1, 1], entries: entriesOf([3], {}, 2) })
    assert.throws(() => play(follower.state, from("n3", message)), /leader completeness \(§5.4.3\): committed entry 2/)
  })

  describe("A single slow follower will not impact performance", () => {
    const settings = { ...defaultSettings, inflightMax: 2, entriesBytesMax: 1 }

    it("nor memory: what is on its way to it is bounded, and more follows as it acknowledges", () => {
      const busy = play(settled({ settings }), ...[1, 2, 3, 4].map(proposed))
      assert.deepStrictEqual(indexesOf(sent(busy, "n3")), [[3], [4]])
      assert.deepStrictEqual(indexesOf(sent(play(busy.state, from("n3", appended({ term: 2, match: 3 }))), "n3")), [[
        5
      ]])
    })

    it("bytes are bounded too", () => {
      const few = { ...defaultSettings, inflightBytesMax: 100, entriesBytesMax: 1 }
      const busy = play(settled({ settings: few }), ...[1, 2, 3, 4].map(proposed))
      assert.deepStrictEqual(indexesOf(sent(busy, "n3")), [[3], [4]])
    })

    it("one that is not connected is sent nothing, and everything when it is back", () => {
      const away = play(settled(), disconnected("n3"), proposed(1), proposed(2))
      assert.deepStrictEqual(sent(away, "n3"), [])
      assert.deepStrictEqual(indexesOf(sent(play(away.state, connected("n3")), "n3")), [[3, 4], []])
    })
  })

  it("The replicated clock never falls along the log, whatever time a new leader begins with.", () => {
    const { state } = play(settled(), Event.Proposed({ bytes: Uint8Array.of(1), time: 50 }), proposed(2))
    assert.strictEqual(state.log.buffer[3]?.time, 50)
  })
})
