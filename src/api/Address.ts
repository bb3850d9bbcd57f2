/**
 * Addresses as people write them: `host:port`, with brackets around an IPv6 address. Whether anybody listens there
 * is not known here.
 */
import { Option, Schema } from "effect"

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

const shape = /^(?:\[(?<ipv6>[0-9A-Fa-f:.]{2,45})\]|(?<name>[A-Za-z0-9._-]{1,253})):(?<port>\d{1,5})$/

export const parseAddress = (text: string): Option.Option<HostAndPort> => {
  const parts = shape.exec(text)?.groups
  const port = Number(parts?.["port"])
  const host = parts?.["ipv6"] ?? parts?.["name"]
  return host !== undefined && port >= 1 && port <= 65_535 ? Option.some({ host, port }) : Option.none()
}

export const formatAddress = ({ host, port }: HostAndPort): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`

export const Address = Schema.String.check(Schema.makeFilter((text: string) => Option.isSome(parseAddress(text))))
