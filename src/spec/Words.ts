/**
 * The words of the specification: what can be asked of a lock service, and what it can answer.
 *
 * They are the commands and replies that the service itself speaks, written down a second time, so that the
 * specification imports nothing and nothing can be wrong in both for one reason. Times are lengths in milliseconds.
 */

export type Mode = "exclusive" | "shared"

export interface OpenSession {
  readonly _tag: "OpenSession"
  readonly request: string
  readonly session: string
  readonly ttlMillis: number
  readonly label: string
}

/** Renews a session, or ends it. */
export interface OfSession {
  readonly _tag: "RenewSession" | "EndSession"
  readonly request: string
  readonly session: string
}

/** `request` names this attempt for ever. With `mint` the acquire makes a session of its own, for this lock alone. */
export interface Acquire {
  readonly _tag: "Acquire"
  readonly request: string
  readonly lock: string
  readonly session: string
  readonly owner: string
  readonly mode: Mode
  readonly permits: number
  readonly waitMillis: number
  readonly lockDelayMillis: number
  readonly maxHoldMillis?: number
  readonly value?: string
  readonly seq?: number
  readonly seqDone?: number
  readonly mint?: { readonly ttlMillis: number; readonly label: string }
}

export interface Release {
  readonly _tag: "Release"
  readonly request: string
  readonly lock: string
  readonly session: string
  readonly owner?: string
  readonly token: number
  readonly seq?: number
  readonly seqDone?: number
}

/** Takes an attempt back whose client has hung up. */
export interface Abandon {
  readonly _tag: "Abandon"
  readonly request: string
  readonly lock: string
  readonly session: string
  readonly owner: string
  readonly attempt: string
}

/** Nothing but the passing of time. */
export interface Tick {
  readonly _tag: "Tick"
}

export type Command = OpenSession | OfSession | Acquire | Release | Abandon | Tick

export interface Holder {
  readonly label: string
  readonly owner: string
  readonly mode: Mode
  readonly token: number
  readonly heldMillis: number
  readonly expiresInMillis: number
  readonly holdEndsInMillis?: number
  readonly value?: string
}

export interface Granted {
  readonly _tag: "Granted"
  readonly mode: Mode
  readonly owner: string
  readonly token: number
  readonly ttlMillis: number
  readonly expiresInMillis: number
  readonly holdEndsInMillis?: number
}

export interface LockHeld {
  readonly _tag: "LockHeld"
  readonly holders: ReadonlyArray<Holder>
  readonly queueLength: number
  readonly lockDelayLeftMillis: number
}

export interface ModeConflict {
  readonly _tag: "ModeConflict"
  readonly mode: Mode
  readonly permits: number
}

/** An answer that has nothing to add to its name. */
export interface Plain {
  readonly _tag:
    | "SessionExpired"
    | "SessionEnded"
    | "WaitTimedOut"
    | "Superseded"
    | "Released"
    | "NotHolder"
    | "RequestStale"
    | "TooManyOutcomes"
}

export type Reply =
  | { readonly _tag: "SessionOpened" | "SessionRenewed"; readonly ttlMillis: number; readonly expiresInMillis: number }
  | Granted
  | LockHeld
  | ModeConflict
  | { readonly _tag: "Abandoned"; readonly withdrawn: boolean }
  | Plain

/** The answer to a request, given now: to the command at hand, or to one that has waited. */
export interface Settled {
  readonly request: string
  readonly reply: Reply
}

export interface LockView {
  readonly name: string
  readonly mode: Mode | null
  readonly permits: number
  readonly holders: ReadonlyArray<Holder>
  readonly queueLength: number
  readonly lockDelayLeftMillis: number
  readonly lastToken: number | null
}

export interface SessionView {
  readonly label: string
  readonly ttlMillis: number
  readonly expiresInMillis: number
  readonly holds: number
  readonly waits: number
}
