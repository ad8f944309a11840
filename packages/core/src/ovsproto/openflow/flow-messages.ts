/** What a switch tells of flows: statistics of single flows and of all, and what is asked for. */
import type { Action } from "./actions.ts";
import { readInstructions } from "./action-decode.ts";
import { writeInstructions } from "./action-encode.ts";
import { claimedLength } from "./list-element.ts";
import { OpenflowError } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { readMatch, readMatch10, readPort32, writeMatch, writeMatch10, writePort32 } from "./fixed-match.ts";
import { GROUP_ANY, NO_FLAGS, readFlags, writeFlags } from "./flow-mod.ts";
import type { FlowFlags } from "./flow-mod.ts";
import type { Match } from "./match.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import { readPaddedMatch, writeOxmMatch } from "./oxm.ts";
import { Oxs, readOxs, writeOxs } from "./oxs.ts";
import { Port } from "./ports.ts";

export interface FlowStats {
  readonly match: Match;
  readonly cookie: bigint;
  readonly table: number;
  readonly priority: number;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Seconds since the last packet and the last change; undefined if that is not told (NXT_FLOW_AGE). */
  readonly idleAge: number | undefined;
  readonly hardAge: number | undefined;
  /** All ones if it is not counted. */
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly flags: FlowFlags;
  readonly importance: number;
  readonly actions: readonly Action[];
}

export interface FlowRequest {
  readonly type: "flow_request" | "aggregate_request";
  readonly form: "standard" | "nxst";
  readonly match: Match;
  readonly cookie: bigint;
  readonly cookieMask: bigint;
  readonly table: number;
  readonly outPort: number;
  readonly outGroup: number;
}

export interface AggregateStats {
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly flows: number;
}

type RequestKind = FlowRequest["type"];

export function readFlowRequest(
  from: MessageReader,
  version: OpenFlowVersion,
  type: RequestKind,
  nicira: boolean,
): FlowRequest {
  if (nicira) {
    const outPort = from.u16();
    const length = from.u16();
    const table = from.u8();
    from.skip(3);
    const { match, cookie, cookieMask } = readPaddedMatch(from, length, {
      cookie: true,
    });
    if (from.left > 0) throw new OpenflowError("OFPBRC_BAD_LEN");
    return { type, form: "nxst", match, cookie, cookieMask, table, outPort, outGroup: GROUP_ANY };
  }
  if (version === 1) {
    const { match } = readMatch10(from);
    const table = from.u8();
    from.skip(1);
    return {
      type,
      form: "standard",
      match,
      cookie: 0n,
      cookieMask: 0n,
      table,
      outPort: from.u16(),
      outGroup: GROUP_ANY,
    };
  }
  const table = from.u8();
  from.skip(3);
  const outPort = readPort32(from, "OFPBAC_BAD_OUT_PORT");
  const outGroup = from.u32();
  from.skip(4);
  const cookie = from.u64();
  const cookieMask = from.u64();
  return { type, form: "standard", match: readMatch(from), cookie, cookieMask, table, outPort, outGroup };
}

export function writeFlowRequest(out: MessageWriter, request: FlowRequest, version: OpenFlowVersion): void {
  const { match, cookie, cookieMask, table, outPort, outGroup } = request;
  if (request.form === "nxst") {
    out.u16(outPort);
    const at = out.length;
    out.u16(0).u8(table).zeros(3);
    const start = out.length;
    writeOxmMatch(out, match, 0, { value: cookie, mask: cookieMask });
    out.patchU16(at, out.length - start).pad(8, start);
  } else if (version === 1) {
    writeMatch10(out, match);
    out.u8(table).zeros(1).u16(outPort);
  } else {
    out.u8(table).zeros(3);
    writePort32(out, outPort).u32(outGroup).zeros(4).u64(cookie).u64(cookieMask);
    writeMatch(out, match, version);
  }
}

function readMatchOf(body: MessageReader): Match {
  try {
    return readMatch(body);
  } catch (error) {
    if (error instanceof OpenflowError) body.log?.("ofp_flow", "WARN", "OFPST_FLOW reply bad match");
    throw error;
  }
}

/** @param length of the whole flow, as it says: it may go beyond the message */
function readActionsOf(body: MessageReader, version: OpenFlowVersion, length: number): readonly Action[] {
  try {
    return readInstructions(body, version, length - body.at);
  } catch (error) {
    if (error instanceof OpenflowError) body.log?.("ofp_flow", "WARN", "OFPST_FLOW reply bad instructions");
    throw error;
  }
}

function readStats15(from: MessageReader): FlowStats {
  // The original returns an errno for what it does not like here, which has no name among OpenFlow's errors.
  const unnamed = () => new OpenflowError("<invalid>");
  const named = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw error instanceof OpenflowError ? unnamed() : error;
    }
  };
  const length = named(() => claimedLength(from, 24, "ofp_flow", "OFPST_FLOW reply"));
  const body = from.part(Math.min(length, from.left));
  body.skip(4);
  const table = body.u8();
  body.skip(1);
  const priority = body.u16();
  const idleTimeout = body.u16();
  const hardTimeout = body.u16();
  const { flags } = readFlags(body.u16(), 6);
  const importance = body.u16();
  const cookie = body.u64();
  const match = named(() => readMatchOf(body));
  const oxs = named(() => readOxs(body));
  const duration = oxs.get(Oxs.DURATION) ?? 0n;
  const idle = oxs.get(Oxs.IDLE);
  return {
    match,
    cookie,
    table,
    priority,
    idleTimeout,
    hardTimeout,
    seconds: Number(duration >> 32n),
    nanoseconds: Number(duration & 0xffff_ffffn),
    idleAge: idle === undefined ? undefined : Number(idle >> 32n),
    hardAge: undefined,
    packets: oxs.get(Oxs.PACKETS) ?? 0xffff_ffff_ffff_ffffn,
    bytes: oxs.get(Oxs.BYTES) ?? 0xffff_ffff_ffff_ffffn,
    flags,
    importance,
    actions: readActionsOf(body, 6, length),
  };
}

/** NXST_FLOW checks the length of the flow together with that of its match. */
function niciraLength(from: MessageReader, least: number): number {
  const length = from.peekU16(0);
  const matchLength = from.peekU16(18);
  if (from.left >= least && length >= least && matchLength <= length - least) return length;
  const wrong =
    from.left < least
      ? `has ${from.left} leftover bytes at end`
      : `with match_len=${matchLength} claims invalid length ${length}`;
  from.log?.("ofp_flow", "WARN", `NXST_FLOW reply ${wrong}`);
  throw new OpenflowError("OFPBRC_BAD_LEN");
}

/** One flow of a reply. @param ages NXT_FLOW_AGE was asked for, or NXST */
export function readFlowStats(from: MessageReader, version: OpenFlowVersion, nicira: boolean): FlowStats {
  if (version === 6) return readStats15(from);
  const least = nicira ? 48 : version === 1 ? 88 : 48;
  const length = nicira
    ? niciraLength(from, least)
    : claimedLength(from, least, "ofp_flow", "OFPST_FLOW reply");
  const body = from.part(Math.min(length, from.left));
  body.skip(2);
  const table = body.u8();
  body.skip(1);
  if (version === 1 && !nicira) {
    const { match } = readMatch10(body);
    const seconds = body.u32();
    const nanoseconds = body.u32();
    const priority = body.u16();
    const idleTimeout = body.u16();
    const hardTimeout = body.u16();
    body.skip(6);
    const cookie = body.u64();
    const packets = body.u64();
    const bytes = body.u64();
    return {
      match,
      cookie,
      table,
      priority,
      idleTimeout,
      hardTimeout,
      seconds,
      nanoseconds,
      idleAge: undefined,
      hardAge: undefined,
      packets,
      bytes,
      flags: NO_FLAGS,
      importance: 0,
      actions: readActionsOf(body, 1, length),
    };
  }
  const seconds = body.u32();
  const nanoseconds = body.u32();
  const priority = body.u16();
  const idleTimeout = body.u16();
  const hardTimeout = body.u16();
  if (nicira) {
    const matchLength = body.u16();
    const idleAge = body.u16();
    const hardAge = body.u16();
    const cookie = body.u64();
    const packets = body.u64();
    const bytes = body.u64();
    const { match } = readPaddedMatch(body, matchLength);
    const age = (value: number) => (value === 0 ? undefined : value - 1);
    return {
      match,
      cookie,
      table,
      priority,
      idleTimeout,
      hardTimeout,
      seconds,
      nanoseconds,
      idleAge: age(idleAge),
      hardAge: age(hardAge),
      packets,
      bytes,
      flags: NO_FLAGS,
      importance: 0,
      actions: readActionsOf(body, version, length),
    };
  }
  const rawFlags = body.u16();
  const importance = body.u16();
  body.skip(2);
  const cookie = body.u64();
  const packets = body.u64();
  const bytes = body.u64();
  const match = readMatchOf(body);
  const { flags, unknown } = version >= 4 ? readFlags(rawFlags, version) : { flags: NO_FLAGS, unknown: 0 };
  if (unknown !== 0) throw new OpenflowError("OFPFMFC_BAD_FLAGS");
  return {
    match,
    cookie,
    table,
    priority,
    idleTimeout,
    hardTimeout,
    seconds,
    nanoseconds,
    idleAge: undefined,
    hardAge: undefined,
    packets,
    bytes,
    flags,
    importance: version >= 5 ? importance : 0,
    actions: readActionsOf(body, version, length),
  };
}

export function writeFlowStats(
  out: MessageWriter,
  stats: FlowStats,
  version: OpenFlowVersion,
  nicira: boolean,
): void {
  const {
    match,
    cookie,
    table,
    priority,
    idleTimeout,
    hardTimeout,
    seconds,
    nanoseconds,
    packets,
    bytes,
    flags,
    importance,
  } = stats;
  const start = out.length;
  if (version === 6) {
    out.u16(0).zeros(2).u8(table).zeros(1).u16(priority).u16(idleTimeout).u16(hardTimeout);
    out.u16(writeFlags(flags, version)).u16(importance).u64(cookie);
    writeMatch(out, match, version);
    writeOxs(out, [
      [Oxs.DURATION, (BigInt(seconds) << 32n) | BigInt(nanoseconds), 8],
      ...(stats.idleAge === undefined ? [] : [[Oxs.IDLE, BigInt(stats.idleAge) << 32n, 8] as const]),
      [Oxs.PACKETS, packets, 8],
      [Oxs.BYTES, bytes, 8],
    ]);
  } else if (nicira) {
    const age = (value: number | undefined) => (value === undefined ? 0 : Math.min(value + 1, 0xffff));
    out
      .u16(0)
      .u8(table)
      .zeros(1)
      .u32(seconds)
      .u32(nanoseconds)
      .u16(priority)
      .u16(idleTimeout)
      .u16(hardTimeout);
    const at = out.length;
    out.u16(0).u16(age(stats.idleAge)).u16(age(stats.hardAge)).u64(cookie).u64(packets).u64(bytes);
    const matchAt = out.length;
    writeOxmMatch(out, match, 0);
    out.patchU16(at, out.length - matchAt).pad(8, matchAt);
  } else if (version === 1) {
    out.u16(0).u8(table).zeros(1);
    writeMatch10(out, match);
    out.u32(seconds).u32(nanoseconds).u16(priority).u16(idleTimeout).u16(hardTimeout).zeros(6);
    out.u64(cookie).u64(packets).u64(bytes);
  } else {
    out
      .u16(0)
      .u8(table)
      .zeros(1)
      .u32(seconds)
      .u32(nanoseconds)
      .u16(priority)
      .u16(idleTimeout)
      .u16(hardTimeout);
    out
      .u16(version >= 4 ? writeFlags(flags, version) : 0)
      .u16(version >= 5 ? importance : 0)
      .zeros(2);
    out.u64(cookie).u64(packets).u64(bytes);
    // OpenFlow 1.1 has no word for many fields: there too the original tells all of them.
    writeMatch(out, match, version === 2 ? 3 : version);
  }
  writeInstructions(out, stats.actions, version);
  out.patchU16(start, out.length - start);
}

export function readAggregate(from: MessageReader, version: OpenFlowVersion): AggregateStats {
  if (version === 6) {
    const oxs = readOxs(from);
    return {
      packets: oxs.get(Oxs.PACKETS) ?? 0xffff_ffff_ffff_ffffn,
      bytes: oxs.get(Oxs.BYTES) ?? 0xffff_ffff_ffff_ffffn,
      flows: Number(oxs.get(Oxs.FLOWS) ?? 0n),
    };
  }
  return { packets: from.u64(), bytes: from.u64(), flows: from.u32() };
}

export function writeAggregate(
  out: MessageWriter,
  { packets, bytes, flows }: AggregateStats,
  version: OpenFlowVersion,
): void {
  if (version === 6) {
    writeOxs(out, [
      [Oxs.PACKETS, packets, 8],
      [Oxs.BYTES, bytes, 8],
      [Oxs.FLOWS, BigInt(flows), 4],
    ]);
  } else out.u64(packets).u64(bytes).u32(flows).zeros(4);
}

/** A request for all flows. */
export const ALL_FLOWS = {
  cookie: 0n,
  cookieMask: 0n,
  table: 255,
  outPort: Port.NONE,
  outGroup: GROUP_ANY,
} as const;
