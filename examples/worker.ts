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

/** The signal aborts when the lead is lost: whatever is begun here must end then. */
await client.elect("reports").lead(async ({ signal, token }) => {
  console.log(`${name} leads, with token ${token}`)
  const ended = AbortSignal.any([signal, stop.signal])
  for await (const _ of setInterval(100)) {
    if (ended.aborted) break
    // One piece of work, with the token for whatever it writes to.
  }
  // To return while leading is to resign: another is elected at once, and not when the TTL has run.
  console.log(stop.signal.aborted ? `${name} resigns` : `${name} has lost the lead`)
})
