/** Flow removed: a switch tells that a flow is gone, and why. */
import { OpenflowError } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { readMatch, readMatch10, writeMatch, writeMatch10 } from "./fixed-match.ts";
import type { Match } from "./match.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import { normalizeMatch } from "./normalize.ts";
import { readPaddedMatch, writeOxmMatch } from "./oxm.ts";
import { Oxs, readOxs, writeOxs } from "./oxs.ts";

/** OFPRR_*; the last is Open vSwitch's. */
export const REMOVED_REASONS = [
  "idle",
  "hard",
  "delete",
  "group_delete",
  "meter_delete",
  "eviction",
] as const;

export interface FlowRemoved {
  readonly type: "flow_removed";
  readonly form: "standard" | "nxt";
  readonly match: Match;
  readonly cookie: bigint;
  readonly priority: number;
  readonly reason: number;
  /** 255 if it is not told. */
  readonly table: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** OpenFlow 1.5, 7.4.2. */
function readFlowRemoved15(from: MessageReader): FlowRemoved {
  const table = from.u8();
  const reason = from.u8();
  const priority = from.u16();
  const idleTimeout = from.u16();
  const hardTimeout = from.u16();
  const cookie = from.u64();
  const match = readMatch(from);
  const statistics = readOxs(from);
  const duration = statistics.get(Oxs.DURATION) ?? 0n;
  return {
    type: "flow_removed",
    form: "standard",
    match,
    cookie,
    priority,
    reason,
    table,
    seconds: Number(duration >> 32n),
    nanoseconds: Number(duration & 0xffff_ffffn),
    idleTimeout,
    hardTimeout,
    packets: statistics.get(Oxs.PACKETS) ?? 0xffff_ffff_ffff_ffffn,
    bytes: statistics.get(Oxs.BYTES) ?? 0xffff_ffff_ffff_ffffn,
  };
}

export function readFlowRemoved(from: MessageReader, version: OpenFlowVersion, nicira: boolean): FlowRemoved {
  const base = { type: "flow_removed", form: nicira ? "nxt" : "standard" } as const;
  if (nicira) {
    const cookie = from.u64();
    const priority = from.u16();
    const reason = from.u8();
    const table = from.u8();
    const seconds = from.u32();
    const nanoseconds = from.u32();
    const idleTimeout = from.u16();
    const length = from.u16();
    const packets = from.u64();
    const bytes = from.u64();
    const { match } = readPaddedMatch(from, length);
    if (from.left > 0) throw new OpenflowError("OFPBRC_BAD_LEN");
    return {
      ...base,
      match,
      cookie,
      priority,
      reason,
      table: table === 0 ? 255 : table - 1,
      seconds,
      nanoseconds,
      idleTimeout,
      hardTimeout: 0,
      packets,
      bytes,
    };
  }
  if (version === 1) {
    const { match } = readMatch10(from);
    normalizeMatch(match);
    const cookie = from.u64();
    const priority = from.u16();
    const reason = from.u8();
    from.skip(1);
    const seconds = from.u32();
    const nanoseconds = from.u32();
    const idleTimeout = from.u16();
    from.skip(2);
    return {
      ...base,
      match,
      cookie,
      priority,
      reason,
      table: 255,
      seconds,
      nanoseconds,
      idleTimeout,
      hardTimeout: 0,
      packets: from.u64(),
      bytes: from.u64(),
    };
  }
  if (version === 6) return readFlowRemoved15(from);
  const cookie = from.u64();
  const priority = from.u16();
  const reason = from.u8();
  const table = from.u8();
  const seconds = from.u32();
  const nanoseconds = from.u32();
  const idleTimeout = from.u16();
  const hardTimeout = from.u16();
  const packets = from.u64();
  const bytes = from.u64();
  return {
    ...base,
    match: readMatch(from),
    cookie,
    priority,
    reason,
    table,
    seconds,
    nanoseconds,
    idleTimeout,
    hardTimeout,
    packets,
    bytes,
  };
}

export function writeFlowRemoved(out: MessageWriter, removed: FlowRemoved, version: OpenFlowVersion): void {
  const {
    match,
    cookie,
    priority,
    reason,
    table,
    seconds,
    nanoseconds,
    idleTimeout,
    hardTimeout,
    packets,
    bytes,
  } = removed;
  if (removed.form === "nxt") {
    out
      .u64(cookie)
      .u16(priority)
      .u8(reason)
      .u8(table === 255 ? 0 : table + 1);
    out.u32(seconds).u32(nanoseconds).u16(idleTimeout);
    const at = out.length;
    out.u16(0).u64(packets).u64(bytes);
    const start = out.length;
    writeOxmMatch(out, match, 0);
    out.patchU16(at, out.length - start).pad(8, start);
  } else if (version === 1) {
    writeMatch10(out, match);
    out.u64(cookie).u16(priority).u8(reason).zeros(1).u32(seconds).u32(nanoseconds).u16(idleTimeout).zeros(2);
    out.u64(packets).u64(bytes);
  } else if (version === 6) {
    out.u8(table).u8(reason).u16(priority).u16(idleTimeout).u16(hardTimeout).u64(cookie);
    writeMatch(out, match, version);
    writeOxs(out, [
      [Oxs.DURATION, (BigInt(seconds) << 32n) | BigInt(nanoseconds), 8],
      [Oxs.PACKETS, packets, 8],
      [Oxs.BYTES, bytes, 8],
    ]);
  } else {
    out.u64(cookie).u16(priority).u8(reason).u8(table).u32(seconds).u32(nanoseconds);
    out.u16(idleTimeout).u16(hardTimeout).u64(packets).u64(bytes);
    writeMatch(out, match, version);
  }
}
