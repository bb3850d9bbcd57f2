/**
 * A worker that runs on many hosts, of which one does the work: the leader. When that one dies or is cut off, another
 * is elected, and what the old one still does is recognised by its token, which is lower.
 */
import { createClient } from "holdfast/promise"
import { setInterval } from "node:timers/promises"

const name = process.argv[2] ?? "worker"
const nodes = (process.env["HOLDFAST_NODES"] ?? "127.0.0.1:7081,127.0.0.1:7082,127.0.0.1:7083").split(",")

await using client = await createClient({ nodes, label: name, ttl: "2 seconds" })

const stop = new AbortController()
process.once("SIGTERM", () => stop.abort())

/** To stop ends the standing by too. */
const election = client.elect("reports", { signal: stop.signal })

/** The signal aborts when the lead is lost, or when it is time to stop: whatever is begun here must end then. */
const leading = election.lead(async ({ signal, token }) => {
  console.log(`${name} leads, with token ${token}`)
  for await (const _ of setInterval(100)) {
    if (signal.aborted) break
    // One piece of work, with the token for whatever it writes to.
  }
  // To return while leading is to resign: another is elected at once, and not when the TTL has run.
  console.log(stop.signal.aborted ? `${name} resigns` : `${name} has lost the lead`)
})

await leading.catch((error: unknown) => {
  if (!stop.signal.aborted) throw error
})
