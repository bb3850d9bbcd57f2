/**
 * A port on which this node cannot serve. `message` says why and what to do, for the person who starts the node.
 */
import { Schema } from "effect"
import { formatAddress } from "../api/Address.ts"

export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", {
  host: Schema.String,
  port: Schema.Finite,
  message: Schema.String
}) {}

export const cannotListen = (
  protocol: "HTTP" | "RPC",
  { host, port }: { readonly host: string; readonly port: number },
  cause: unknown
): CannotListen => {
  const { code, message } = cause as NodeJS.ErrnoException
  const why = advice[code ?? ""]?.(port, protocol) ?? message
  return new CannotListen({
    host,
    port,
    message: `Cannot serve ${protocol} on ${formatAddress({ host, port })}: ${why}`
  })
}

const advice: Readonly<Record<string, (port: number, protocol: string) => string>> = {
  EADDRINUSE: (port, protocol) =>
    `port ${port} is in use. Stop what listens there, or choose another port for ${protocol}.`,
  EACCES: (port) => `this user may not listen on port ${port}. Choose a port from 1024 up.`,
  EADDRNOTAVAIL: () => "this machine has no such address. Choose one that it has, such as 127.0.0.1.",
  ENOTFOUND: () => "no address is known for this host name."
}
