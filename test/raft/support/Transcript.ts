/**
 * The language of the transcripts: one command a line, and everything that the cores did printed below it.
 */
import * as Changes from "../../../src/raft/Changes.ts"
import { Event } from "../../../src/raft/Event.ts"
import { NodeId, StoreId } from "../../../src/raft/Membership.ts"
import { defaultSettings } from "../../../src/raft/RaftState.ts"
import { Cluster, type Envelope } from "./Cluster.ts"
import { actionInWords, messageInWords, roleInWords, roleOf } from "./words.ts"

type Command = (...words: ReadonlyArray<string>) => void

export class Transcript {
  #cluster = new Cluster()
  #lines: Array<string> = []
  /** How deep what is printed stands below its command. */
  #indent = "  "
  #reads = 0

  /** Does what a line says, and tells what came of it. */
  run(line: string): string {
    const [name = "", ...words] = line.split(/\s+/)
    const command = this.#commands[name]
    if (!command) throw new Error(`unknown command: ${line}`)
    this.#lines = []
    command(...words)
    return this.#lines.length === 0 ? "  (nothing)" : this.#lines.join("\n")
  }

  readonly #commands: Readonly<Record<string, Command>> = {
    /** `nodes 3` has empty disks, `nodes 3 n1=1,1,2 n2=1` logs of these terms, `nodes 3 joiner` one node more. */
    nodes: (count, ...words) => this.#make(Number(count), words),
    start: (...names) => void this.#cluster.start(...names),
    crash: (name) => this.#cluster.crash(name!),
    restart: (name) => void this.#cluster.start(name!),
    /** With `rejoin` the node asks to be let in on its new disk. */
    wipe: (name, store, rejoin) => this.#cluster.wipe(name!, StoreId.make(store!), rejoin !== undefined),
    /** The node has taken a snapshot of all that is committed; or one that it was sending was lost. */
    snapshot: (name) => this.#cluster.snapshot(name!),
    "fail-snapshot": (name, peer) => this.#cluster.failSnapshot(name!, peer!),
    hold: (name) => this.#cluster.hold(name!),
    sync: (name) => this.#cluster.sync(name!),
    timeout: (name) => this.#cluster.timeout(name!),
    silent: (name) => this.#cluster.silent(name!),
    heartbeat: (name) => this.#cluster.heartbeat(name!),
    "check-quorum": (name) => this.#cluster.checkQuorum(name!),
    propose: (name, ...words) =>
      this.#cluster.feed(name!, Event.Proposed({ bytes: new TextEncoder().encode(words.join(" ")), time: 0 })),
    transfer: (name, to) => this.#cluster.feed(name!, Event.TransferRequested({ to: to ? NodeId.make(to) : null })),
    add: (name, nodeId) =>
      this.#change(name!, { _tag: "AddLearner", nodeId: NodeId.make(nodeId!), raft: `${nodeId}:9081` }),
    remove: (name, nodeId) => this.#change(name!, { _tag: "Remove", nodeId: NodeId.make(nodeId!) }),
    read: (name) => this.#cluster.feed(name!, Event.ReadRequested({ read: this.#reads += 1 })),
    /** `cut n1 n2` one link, `cut n1` all of its links; `half-open` leaves both sides unaware. */
    cut: (name, ...words) => this.#pairs(name!, words, (a, b) => this.#cluster.cut(a, b, !words.includes("half-open"))),
    mend: (name, ...words) => this.#pairs(name!, words, (a, b) => this.#cluster.mend(a, b)),
    /** What is on its way now, or with `first` the first of it. */
    deliver: (first, ...words) =>
      void (first === "first" ? this.#deliver(meant(words), 1) : this.#deliver(meant(first ? [first, ...words] : []))),
    /** That and all that comes of it; `quietly` counts it only. */
    settle: (...words) => this.#settle(meant(words.filter((word) => word !== "quietly")), words.includes("quietly")),
    drop: (...words) => {
      for (const envelope of this.#cluster.drop(meant(words))) this.#print(`${route(envelope)} is lost`)
    },
    state: () => {
      for (const name of this.#cluster.names) this.#print(`${name} ${this.#stateOf(name)}`)
    }
  }

  #change(name: string, change: Changes.Change): void {
    const refusal = Changes.refusal(this.#cluster.state(name), change)
    if (refusal !== null) this.#print(`${name} refuses: ${refusal}`)
    this.#cluster.feed(name, Event.ChangeRequested({ change }))
  }

  #make(count: number, words: ReadonlyArray<string>): void {
    const joiners = words.filter((word) => word === "joiner").length
    const logs = words.filter((word) => word.includes("=")).map((word) => word.split("=")).map(([name, terms = ""]) =>
      [name!, terms.split(",").filter((term) => term !== "").map(Number)] as const
    )
    this.#cluster = new Cluster({
      voters: count,
      joiners,
      settings: keepsNothing,
      logs: Object.fromEntries(logs),
      observer: (before, after, actions) => {
        const lines = [...roleInWords(before, after), ...actions.map(actionInWords)]
        for (const line of lines) this.#print(`${after.self} ${line}`)
      }
    })
  }

  #deliver(isMeant: (envelope: Envelope) => boolean, countMax = Infinity): number {
    const isReady = ({ to }: Envelope) => !this.#cluster.isWaiting(to)
    const envelopes = this.#cluster.wire.filter((envelope) => isMeant(envelope) && isReady(envelope))
    for (const envelope of envelopes.filter((_, at) => at < countMax)) {
      if (!isReady(envelope)) continue
      this.#print(route(envelope))
      this.#indent = "    "
      this.#cluster.deliver((other) => other === envelope)
      this.#indent = "  "
    }
    return envelopes.length
  }

  #settle(isMeant: (envelope: Envelope) => boolean, isQuiet: boolean): void {
    let count = 0
    while (true) {
      const delivered = this.#deliver(isMeant)
      if (delivered === 0) break
      count += delivered
    }
    if (isQuiet) this.#lines = [`  ${count} messages`]
  }

  #pairs(name: string, words: ReadonlyArray<string>, change: (a: string, b: string) => void): void {
    const others = words.filter((word) => word !== "half-open")
    for (const other of others.length > 0 ? others : this.#cluster.names) if (other !== name) change(name, other)
  }

  #stateOf(name: string): string {
    if (!this.#cluster.isUp(name)) return "is down"
    const state = this.#cluster.state(name)
    const { index } = state.log.start
    const compacted = index === 0 ? "" : `${index} compacted, then `
    return `${roleOf(state)}, log [${compacted}${this.#cluster.terms(name).join(" ")}], commit ${state.commitIndex}`
  }

  #print(line: string): void {
    this.#lines.push(`${this.#indent}${line}`)
  }
}

/** A snapshot takes the place of every entry that it covers. */
const keepsNothing = { ...defaultSettings, retainedEntries: 0 }

/** `n1->n2`, `n1->` from it, `->n2` or `n2` to it; without a word, everything. */
const meant = (words: ReadonlyArray<string>) => (envelope: Envelope): boolean =>
  words.length === 0 || words.some((word) => {
    const [from, to] = word.includes("->") ? word.split("->") : ["", word]
    return (!from || envelope.from === from) && (!to || envelope.to === to)
  })

const route = ({ from, message, to }: Envelope): string => `${from}->${to} ${messageInWords(message)}`
