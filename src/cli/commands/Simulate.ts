/**
 * `holdfast simulate`: a cluster with clients under faults, all of it drawn from one seed and run in this process at
 * many times real time. It needs no cluster, opens no port and writes no file.
 */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { show, type Shown } from "../../sim/Show.ts"
import { RuleBroken } from "../RuleBroken.ts"
import { styleFor } from "../Style.ts"
import { WrongCall } from "../WrongCall.ts"

const flags = {
  seed: Flag.Int("seed").pipe(
    Flag.withDescription("The same seed gives the same run; default: another one each time"),
    Flag.optional
  ),
  nodes: Flag.Int("nodes").pipe(Flag.withDescription("3 to 7"), Flag.withDefault(5)),
  hours: Flag.Finite("hours").pipe(
    Flag.withDescription("Simulated hours, at most 24; a part of one is allowed"),
    Flag.withDefault(1)
  )
}

export const simulate = Command.make(
  "simulate",
  flags,
  Effect.fnUntraced(function*({ hours, nodes, seed }) {
    if (nodes < 3 || nodes > 7) return yield* wrong("--nodes must be 3 to 7")
    if (!(hours > 0 && hours <= 24)) return yield* wrong("--hours must be more than 0 and at most 24")
    const chosen = Option.getOrElse(seed, () => 1 + Math.floor(Math.random() * 1_000_000))
    if (chosen < 0 || chosen >= 2 ** 32) return yield* wrong("--seed must be 0 to 4294967295")
    const again = `holdfast simulate --seed ${chosen} --nodes ${nodes} --hours ${hours}`
    const style = styleFor(process.stdout)
    yield* Console.log(`${nodes} nodes and 4 clients for ${hours} h, seed ${chosen}`)
    const began = performance.now()
    const shown = yield* Effect.sync(() =>
      show({ seed: chosen, nodes, hours }, style, (line) => process.stdout.write(`${line}\n`))
    )
    yield* tell(shown, again, performance.now() - began)
  })
).pipe(Command.withDescription("Watch a simulated cluster in trouble, with everything that must hold checked"))

const tell = ({ broken, lines }: Shown, again: string, millis: number): Effect.Effect<void, RuleBroken> => {
  if (broken !== null) {
    return Effect.fail(
      new RuleBroken({
        message: `a rule is broken: ${broken}\nThis is a bug of Holdfast, and this shows it again: ${again}`
      })
    )
  }
  const took = `Nothing was broken. It took ${(millis / 1000).toFixed(1)} s; this shows it again: ${again}`
  return Console.log(["", ...lines, took].join("\n"))
}

const wrong = (message: string) => Effect.fail(new WrongCall({ message }))
