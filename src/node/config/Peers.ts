/**
 * The addresses of a cluster's nodes, as people write them: `node1@10.0.0.1:9081`, an IPv6 address in
 * brackets. Parsing says what is wrong with which of them.
 */
import { Option, Result, Schema } from "effect"
import { NodeId } from "../../raft/Membership.ts"
import type { Address } from "../Transport.ts"

export type Peers = ReadonlyMap<NodeId, Address>

/** `host:port`, with the brackets that an IPv6 address needs. */
export const formatAddress = ({ host, port }: Address): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`

/** It stands for every address of a machine: `0.0.0.0`, `::`, and other ways to write these. */
export const isWildcard = (host: string): boolean => /^[0.:]+$/.test(host)

const shape = /^(?:\[(?<ipv6>[0-9A-Fa-f:.%a-z]+)\]|(?<name>[A-Za-z0-9._-]+)):(?<port>\d{1,5})$/

/** What `formatAddress` has written. */
export const parseAddress = (address: string): Option.Option<Address> => {
  const parts = shape.exec(address)?.groups
  const port = Number(parts?.["port"])
  if (parts === undefined || port < 1 || port > 65_535) return Option.none()
  return Option.some({ host: parts["ipv6"] ?? parts["name"] ?? "", port })
}

const parsePeer = (peer: string): Option.Option<readonly [NodeId, Address]> => {
  const [id, ...address] = peer.split("@")
  return Option.all([Schema.decodeUnknownOption(NodeId)(id), parseAddress(address.join("@"))])
}

const repeated = (values: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(values.filter((value, index) => values.indexOf(value) !== index))
]

/** All peers, or everything that is wrong with them. */
export const parsePeers = (peers: ReadonlyArray<string>): Result.Result<Peers, ReadonlyArray<string>> => {
  const parsed = peers.map((peer) => ({ peer, entry: parsePeer(peer.trim()) }))
  const malformed = parsed.flatMap(({ entry, peer }) => Option.isNone(entry) ? [peer] : [])
  const entries = parsed.flatMap(({ entry }) => Option.toArray(entry))
  const wrong = [
    ...malformed.map((peer) => `${JSON.stringify(peer)} is not node@host:port`),
    ...repeated(entries.map(([id]) => id)).map((id) => `${id} stands there twice`),
    ...repeated(entries.map(([, address]) => formatAddress(address))).map((address) => `${address} stands there twice`),
    ...(entries.length > membersMax ? [`${entries.length} nodes are more than ${membersMax}`] : [])
  ]
  return wrong.length > 0 ? Result.fail(wrong) : Result.succeed(new Map(entries))
}

const membersMax = 9
