/**
 * Election safety over whole nodes: no term has two leaders; and what a node says of itself, its term, what it has
 * committed and applied, and the snapshot on its disk, never goes back for as long as it lives.
 */
import { Effect } from "effect"
import type { NodeStatus } from "../../node/NodeStatus.ts"
import type { Chronicle } from "../Chronicle.ts"
import type { NodeCluster } from "./NodeCluster.ts"
import type { NodeHost } from "./NodeHost.ts"
import type { Rules } from "./Rules.ts"

interface Seen {
  readonly life: number
  readonly status: NodeStatus
  /** Where the newest snapshot on its disk ends. */
  readonly snapshotIndex: number
}

export class Leaders {
  readonly #cluster: NodeCluster
  readonly #rules: Rules
  readonly #chronicle: Chronicle
  /** Those that have begun to lead since somebody took them. */
  readonly #begun: Array<NodeHost> = []
  readonly #byTerm = new Map<number, string>()
  readonly #before = new Map<string, Seen>()

  constructor(cluster: NodeCluster, rules: Rules, chronicle: Chronicle) {
    this.#cluster = cluster
    this.#rules = rules
    this.#chronicle = chronicle
  }

  /** Terms that had a leader. */
  get count(): number {
    return this.#byTerm.size
  }

  /** Whoever has begun to lead since this was asked last. */
  takeBegun(): ReadonlyArray<NodeHost> {
    return this.#begun.splice(0)
  }

  readonly look: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forEach(
      this.#cluster.hosts,
      (host) => host.running ? Effect.map(host.running.node.status, (status) => this.#see(host, status)) : Effect.void,
      { discard: true }
    )
  )

  #see(host: NodeHost, status: NodeStatus): void {
    const { disk: { snapshotIndex }, id, life } = host
    const { commitIndex, lastApplied, role, term } = status
    if (role === "Leader") this.#leads(host, term)
    const known = this.#before.get(id)
    this.#before.set(id, { life, status, snapshotIndex })
    if (known?.life !== life) return
    if (known.snapshotIndex > snapshotIndex) {
      this.#rules.breaks(`${id} had a snapshot of ${known.snapshotIndex}, and has none later than ${snapshotIndex}`)
    }
    const before = known.status
    if (before.term > term || before.commitIndex > commitIndex || before.lastApplied > lastApplied) {
      this.#rules.breaks(`${id} goes back from ${placeOf(before)} to ${placeOf(status)}`)
    }
  }

  #leads(host: NodeHost, term: number): void {
    const { at, id, life } = host
    const name = `${id}, life ${life}`
    const known = this.#byTerm.get(term)
    if (known === undefined) {
      this.#byTerm.set(term, name)
      this.#begun.push(host)
      this.#chronicle.note("lead", `${id} leads term ${term}`, at)
    } else if (known !== name) this.#rules.breaks(`${known} and ${name} lead term ${term}`)
  }
}

const placeOf = ({ commitIndex, lastApplied, term }: NodeStatus): string =>
  `term ${term}, committed ${commitIndex}, applied ${lastApplied}`
