/**
 * A snapshot in version 1 of the format, byte for byte, and the entries that lead to it: they leave a record of each
 * kind with each of its fields. Nothing in this file can change: a node that has such a snapshot on its disk would no
 * longer start. A new format has a new version, and this one goes on being read.
 */
import type { LockCommand } from "../../../src/lock/LockCommand.ts"
import { acquire, mint, open, queue, release } from "../support/commands.ts"

export const entries: ReadonlyArray<readonly [time: number, ...commands: ReadonlyArray<LockCommand>]> = [
  [1_000, open("ann", 60_000), open("\u{1f600}", 3_600_000)],
  [
    1_010,
    acquire("a1", "ann", { lock: "held", owner: "o", value: "v\u00fc", maxHoldMillis: 500, seq: 1, seqDone: 0 }),
    // Told of the grant twice.
    acquire("a2", "ann", { lock: "held", owner: "o", seq: 2 }),
    acquire("a3", "\u{1f600}", { lock: "held", seq: 7 }),
    queue("a4", "\u{1f600}", { lock: "held", maxHoldMillis: 86_400_000, lockDelayMillis: 60_000, seq: 8 }),
    // Waits with two seqs.
    queue("a5", "\u{1f600}", { lock: "held", waitMillis: 3_600_000, seq: 9 }),
    acquire("a6", "\u{1f600}", { lock: "held", mode: "shared", seq: 10 }),
    acquire("a7", "\u{1f600}", { lock: "timed out", owner: "w", maxHoldMillis: 20 }),
    acquire("a8", "ann", { lock: "timed out", owner: "w", waitMillis: 5, seq: 3 })
  ],
  [
    1_015,
    acquire("s1", "ann", { lock: "\u{1f600}", mode: "shared" }),
    acquire("s2", "\u{1f600}", { lock: "\u{1f600}", mode: "shared", maxHoldMillis: 4, lockDelayMillis: 30_000 }),
    acquire("p1", "ann", { lock: "permits", owner: "1", permits: 3 }),
    acquire("p2", "ann", { lock: "permits", owner: "2", permits: 3, seq: 2 ** 53 - 1 }),
    release("r1", "ann", 5, { lock: "permits", seq: 5 }),
    release("r2", "ann", 77, { lock: "permits", seq: 6 }),
    mint("m1", "minted", { lock: "minted" })
  ],
  [1_020]
]

export const bytes = Buffer.from(
  [
    "48464c54010000016df103fc07120001010206616e6e06616e6ef1ea60f1ea4c010601100868656c64026f0102100868656c64026f010313",
    "1274696d6564206f7574027705140e7065726d69747302310506050e7065726d6974734df61fffffffffffff100e7065726d697473023206",
    "01140e7065726d69747302310501010205d83dde0005d83dde00f236ee80f236ee6c000207120868656c64000a110868656c640001000102",
    "0868656c6401070103d901f101ea06030a026f046132000476fc020201020461310203e803f236ee76040a00046135f1ea60f305265c0009",
    "02080001021274696d6564206f75740106010309010a05060a027704613700020205d83dde00010401030501040a05000473310001030e02",
    "f1753001020e7065726d697473030202034102010e05023204703200f61fffffffffffff0101010c6d696e7465640c6d696e746564f103e8",
    "f103e30c6d696e746564046d3101020c6d696e74656401010103010100020500046d3100000fa00fa2e4"
  ].join(""),
  "hex"
)
