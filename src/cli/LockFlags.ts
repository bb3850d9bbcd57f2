/**
 * How commands are told which lock they are about, and how it is to be held: the same words wherever they are taken.
 */
import { Argument, Flag } from "effect/cli"
import { spanFlag } from "./Spans.ts"

export const nameArgument = Argument.String("name").pipe(Argument.withDescription("The lock"))

export const waitFlag = spanFlag("wait").pipe(
  Flag.withDescription("How long to wait for the lock; 0 not at all (default: for ever)"),
  Flag.optional
)

export const sharedFlag = Flag.Boolean("shared").pipe(
  Flag.withDescription("Hold it together with others who share it"),
  Flag.withDefault(false)
)

export const permitsFlag = Flag.Int("permits").pipe(
  Flag.withDescription("How many may hold it at a time; all say the same number (default 1)"),
  Flag.withDefault(1)
)
