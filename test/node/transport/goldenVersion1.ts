/**
 * Frames of version 1 of the protocol as the last release that spoke nothing else has written them,
 * byte for byte. Nothing in this file can change: nodes of that version would no longer understand
 * this release.
 */
import type * as V1 from "../../../src/node/transport/versions/Version1Schemas.ts"
import { LogIndex, Term } from "../../../src/raft/Entry.ts"
import { ClusterId, NodeId, StoreId } from "../../../src/raft/Membership.ts"

type Golden<A> = ReadonlyArray<readonly [name: string, value: A, frame: string]>

const [index, term] = [(n: number) => LogIndex.make(n), (n: number) => Term.make(n)]

const hello: V1.Hello = {
  nodeId: NodeId.make("n1"),
  storeId: StoreId.make("s1"),
  clusterId: ClusterId.make("c0ffee"),
  hasEntries: true,
  http: "10.0.0.1:8081",
  rpc: "10.0.0.1:7081",
  version: "0.1.0"
}

const members = [
  { nodeId: NodeId.make("n1"), raft: "10.0.0.1:9081", voter: true, storeId: StoreId.make("s1") },
  { nodeId: NodeId.make("n2"), raft: "10.0.0.2:9081", voter: false, storeId: null }
]

const entries: Extract<V1.RaftMessage, { readonly _tag: "AppendEntries" }>["entries"] = [
  { index: index(7), term: term(3), time: 1000, payload: { _tag: "Noop" } },
  {
    index: index(8),
    term: term(3),
    time: 1001,
    payload: { _tag: "Config", membership: { clusterId: ClusterId.make("c0ffee"), members } }
  },
  { index: index(9), term: term(3), time: 1002, payload: { _tag: "Command", bytes: Uint8Array.of(1, 2, 3) } }
]

const raft = (message: V1.RaftMessage): ReadonlyArray<V1.PeerMessage> => [{ _tag: "Raft", message }]

export const hellos: Golden<V1.Hello> = [
  [
    "Hello",
    hello,
    "000000556b0d46ba015420c0abc2870c026e31b8e9b59c2305302e312e309885f1a826027331a0e999f62b0d31302e30" +
    "2e302e313a373038318ce5deb431c0ffb989620705633066666565a88a89d9640d31302e302e302e313a38303831"
  ],
  [
    "Hello of an empty store",
    { ...hello, clusterId: null, hasEntries: false },
    "0000004f83887c06014e20c0abc2870c026e31b8e9b59c2305302e312e309885f1a826027331a0e999f62b0d31302e30" +
    "2e302e313a373038318be5deb431c0ffb989620102a88a89d9640d31302e302e302e313a38303831"
  ]
]

export const refusals: Golden<V1.Refusal> = [
  [
    "Refusal",
    { reason: "disk-replaced", message: "no" },
    "0000001dbb011d1a021c20a08ec1bc12026e6fc8e1eba87c0d6469736b2d7265706c61636564"
  ]
]

export const messages: Golden<ReadonlyArray<V1.PeerMessage>> = [
  [
    "RequestVote",
    raft({ _tag: "RequestVote", term: term(4), preVote: true, lastLogIndex: index(9), lastLogTerm: term(3) }),
    "0000002b913f067c052a2001270a916257b6a08ec1bc121c0a6e551869b9fbb9a41706d9b099bb2212d481bdf433b9ed" +
    "c3b35108"
  ],
  [
    "Vote",
    raft({ _tag: "Vote", term: term(4), preVote: true, granted: false }),
    "00000024882fea7d05232001200a916257b6a08ec1bc12150a268729b1d481bdf433b9edc3b35108a3fbb5cc68"
  ],
  [
    "AppendEntries",
    raft({
      _tag: "AppendEntries",
      term: term(3),
      prevLogIndex: index(6),
      prevLogTerm: term(2),
      entries,
      leaderCommit: index(6),
      round: 12
    }),
    "000000e42889ce0305e2012001de010a916257b6a08ec1bc12d2010a59efb3fdd9a3fcc2271898af90d637a801032100" +
    "abd3aa48020ea5efbd98030a0a1e58c0c9e4b7f2e90504d00fd7bdb8960a02066c010210c4010a2e3d00d1c88d8cb264" +
    "578081c9f81b45022c00b8a5f8c001046e31d3908ee504060573318ecfc28d0a1a31302e302e302e313a39303831a5d8" +
    "dfa20a02011601046e3202021a31302e302e302e323a393038310200c0ffb989620663306666656504d20f0206170102" +
    "121c0a5eb706f7a080baec320301020304d40f0206b1f8f8b0510cb9edc3b3510689e5aed6520cc1a7fc947704"
  ],
  [
    "Appended",
    raft({ _tag: "Appended", term: term(3), matchIndex: index(9), round: 12 }),
    "000000260f4294a305252001220a916257b6a08ec1bc12170a1b02fd8dd9a3fcc22718b9edc3b35106d1a1ebb15e12"
  ],
  [
    "AppendRejected",
    raft({
      _tag: "AppendRejected",
      term: term(3),
      prevLogIndex: index(6),
      hintIndex: index(5),
      hintTerm: term(2),
      round: 12
    }),
    "000000322cb37ae7053120012e0a916257b6a08ec1bc12230a0228ed32d9a3fcc22718d1f9ed8e4804b1f8f8b0510cb9" +
    "edc3b35106a1f1c89d7f0a"
  ],
  [
    "Propose",
    [{ _tag: "Propose", request: "n1/ab/1", command: Uint8Array.of(4, 5) }],
    "0000001ee8b6fc64051d20011a0a2163e489909bc1aa1f076e312f61622f3190aba9d649020405"
  ],
  [
    "Query",
    [{ _tag: "Query", request: "n1/ab/2", query: Uint8Array.of(6) }],
    "0000001d0336e990051c2001190ac1600553909bc1aa1f076e312f61622f3298deceb37c0106"
  ],
  [
    "Answer",
    [{ _tag: "Answer", request: "n1/ab/2", answer: Uint8Array.of() }],
    "0000001c06b8392c051b2001180aaa670bc8909bc1aa1f076e312f61622f32f89d83a04200"
  ],
  [
    "Refuse",
    [{ _tag: "Refuse", request: "n1/ab/3", reason: "not-leader" }],
    "00000026abfe392a05252001220a5c9e640f909bc1aa1f076e312f61622f33c8e1eba87c0a6e6f742d6c6561646572"
  ],
  [
    "several",
    [
      { _tag: "Refuse", request: "r", reason: "overloaded" },
      { _tag: "Propose", request: "r", command: Uint8Array.of(9) }
    ],
    "000000343eedf5cb053320021c0a5c9e640f909bc1aa1f0172c8e1eba87c0a6f7665726c6f61646564130a2163e48990" +
    "9bc1aa1f017290aba9d6490109"
  ]
]

/** Frames without a body, which are the same in every version. */
export const ready = "000000004b0bbe3703"
export const keepAlive = "00000000d56f2b9404"
