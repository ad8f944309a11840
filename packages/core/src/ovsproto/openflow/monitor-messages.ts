/** Flow monitors: subscriptions to changes of flow tables (NXST_FLOW_MONITOR, OpenFlow 1.4's OFPMP_FLOW_MONITOR). */
import { alternateHex } from "./field-text.ts";
import type { Action } from "./actions.ts";
import { readActions, readInstructions } from "./action-decode.ts";
import { writeActions, writeInstructions } from "./action-encode.ts";
import { elementLength } from "./list-element.ts";
import { OpenflowError } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { readMatch, readPort32, writeMatch, writePort32 } from "./fixed-match.ts";
import type { Match } from "./match.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import { readPaddedMatch, writeOxmMatch } from "./oxm.ts";
import { GROUP_ANY } from "./flow-mod.ts";

/** OFPFMF_* of OpenFlow 1.4. */
export const MonitorFlag = {
  INITIAL: 1,
  ADD: 2,
  DELETE: 4,
  MODIFY: 8,
  ACTIONS: 16,
  /** What the connection itself changes is told in full. */
  ONLY_OWN: 64,
} as const;
/** NXFMF_OWN, as the extension of versions before 1.3 calls ONLY_OWN; its other numbers are the same. */
const NX_OWN = 32;

export interface FlowMonitorRequest {
  readonly id: number;
  /** MonitorFlag bits. */
  readonly flags: number;
  /** OpenFlow 1.4: 0 add, 1 modify, 2 delete. */
  readonly command: number;
  readonly outPort: number;
  readonly outGroup: number;
  readonly table: number;
  readonly match: Match;
}

export type FlowUpdate =
  | {
      readonly event: "INITIAL" | "ADDED" | "DELETED" | "MODIFIED";
      /** OFPRR_* of a deletion. */
      readonly reason: number;
      readonly priority: number;
      readonly idleTimeout: number;
      readonly hardTimeout: number;
      readonly table: number;
      readonly cookie: bigint;
      readonly match: Match;
      readonly actions: readonly Action[];
    }
  | { readonly event: "ABBREV"; readonly xid: number }
  | { readonly event: "PAUSED" }
  | { readonly event: "RESUMED" };

const NX_EVENTS = ["ADDED", "DELETED", "MODIFIED", "ABBREV"] as const;
const EVENTS = ["INITIAL", "ADDED", "DELETED", "MODIFIED", "ABBREV", "PAUSED", "RESUMED"] as const;
const badLength = () => new OpenflowError("OFPBRC_BAD_LEN");

/** The structures of NXST are meant, which OpenFlow 1.3 has as the ONF's, with its own matches and instructions. */
const isNicira = (version: OpenFlowVersion) => version <= ONF;
/** OpenFlow 1.3, in messages. */
const ONF = 4;

function badFlags(from: MessageReader, what: string, flags: number): OpenflowError {
  from.log?.("ofp_monitor", "WARN", `${what} has bad flags ${alternateHex(flags)}`);
  return new OpenflowError("OFPMOFC_BAD_FLAGS");
}

/** Changes of which an OpenFlow 1.4 request must name one; and what else Open vSwitch 3.1 takes with them. */
const CHANGES14 = MonitorFlag.ADD | MonitorFlag.DELETE | MonitorFlag.MODIFY;
/** The extension has them in other places. */
const CHANGES = 0x0e;
const FLAGS14 = CHANGES14 | MonitorFlag.INITIAL | MonitorFlag.ACTIONS | MonitorFlag.ONLY_OWN;

export function readFlowMonitorRequest(from: MessageReader, version: OpenFlowVersion): FlowMonitorRequest {
  if (from.left < 16) throw badLength();
  const id = from.u32();
  if (isNicira(version)) {
    const flags = from.u16();
    const earlyPort = version === ONF ? 0 : from.u16();
    const length = from.u16();
    const outPort = version === ONF ? readPort32(from, "OFPBAC_BAD_OUT_PORT") : earlyPort;
    const table = from.u8();
    if (!from.zero(version === ONF ? 3 : 5)) throw new OpenflowError("NXBRC_MUST_BE_ZERO");
    if ((flags & ~0x3f) !== 0 || (flags & CHANGES) === 0) throw badFlags(from, "NXST_FLOW_MONITOR", flags);
    const match = version === ONF ? readMatch(from) : readPaddedMatch(from, length).match;
    const own = (flags & NX_OWN) === 0 ? 0 : MonitorFlag.ONLY_OWN;
    return { id, flags: (flags & ~NX_OWN) | own, command: 0, outPort, outGroup: GROUP_ANY, table, match };
  }
  const outPortBytes = from.part(4);
  const outGroup = from.u32();
  const flags = from.u16();
  const table = from.u8();
  const command = from.u8();
  if (command !== 2 && ((flags & ~FLAGS14) !== 0 || (flags & CHANGES14) === 0))
    throw badFlags(from, "OFPST_FLOW_MONITOR", flags);
  const outPort = readPort32(outPortBytes, "OFPBAC_BAD_OUT_PORT");
  return { id, flags, command, outPort, outGroup, table, match: readMatch(from) };
}

export function writeFlowMonitorRequests(
  out: MessageWriter,
  requests: readonly FlowMonitorRequest[],
  version: OpenFlowVersion,
): void {
  for (const { id, flags, command, outPort, outGroup, table, match } of requests) {
    out.u32(id);
    if (isNicira(version)) {
      const own = (flags & MonitorFlag.ONLY_OWN) === 0 ? 0 : NX_OWN;
      out.u16((flags & ~MonitorFlag.ONLY_OWN) | own);
      if (version !== ONF) out.u16(outPort);
      const at = out.length;
      out.u16(0);
      if (version === ONF) writePort32(out, outPort).u8(table).zeros(3);
      else out.u8(table).zeros(5);
      writeMonitoredMatch(out, at, match, version);
    } else {
      writePort32(out, outPort).u32(outGroup).u16(flags).u8(table).u8(command);
      writeMatch(out, match, version);
    }
  }
}

/** Its length without padding stands at `lengthAt`. */
function writeMonitoredMatch(
  out: MessageWriter,
  lengthAt: number,
  match: Match,
  version: OpenFlowVersion,
): void {
  const start = out.length;
  if (version === ONF) out.u16(MATCH_OXM).u16(0);
  writeOxmMatch(out, match, version === ONF ? version : 0);
  const length = out.length - start;
  if (version === ONF) out.patchU16(start + 2, length);
  out.patchU16(lengthAt, length).pad(8, start);
}

/** OFPMT_OXM */
const MATCH_OXM = 1;

export function readFlowUpdate(from: MessageReader, version: OpenFlowVersion): FlowUpdate {
  const what = isNicira(version) ? "NXST_FLOW_MONITOR reply" : "OFPST_FLOW_MONITOR reply";
  const length = elementLength(from, 8, "ofp_monitor", what);
  if (length % 8 !== 0) throw badLength();
  const body = from.part(length);
  body.skip(2);
  const number = body.u16();
  const event = isNicira(version) ? NX_EVENTS[number] : EVENTS[number];
  if (event === undefined) {
    // Of either kind, the original names the extension.
    from.log?.("ofp_monitor", "WARN", `NXST_FLOW_MONITOR reply has bad event ${number}`);
    throw new OpenflowError("NXBRC_FM_BAD_EVENT");
  }
  if (event === "ABBREV") return { event, xid: body.u32() };
  if (event === "PAUSED" || event === "RESUMED") return { event };
  if (body.left < (isNicira(version) ? 20 : 28)) throw badLength();
  if (isNicira(version)) {
    const reason = body.u16();
    const priority = body.u16();
    const idleTimeout = body.u16();
    const hardTimeout = body.u16();
    const matchLength = body.u16();
    const table = body.u8();
    body.skip(1);
    const cookie = body.u64();
    const match = version === ONF ? readMatch(body) : readPaddedMatch(body, matchLength).match;
    return {
      event,
      reason,
      priority,
      idleTimeout,
      hardTimeout,
      table,
      cookie,
      match,
      actions: version === ONF ? readInstructions(body, version) : readActions(body, body.left, version),
    };
  }
  const table = body.u8();
  const reason = body.u8();
  const idleTimeout = body.u16();
  const hardTimeout = body.u16();
  const priority = body.u16();
  body.skip(4);
  const cookie = body.u64();
  const match = readMatch(body);
  return {
    event,
    reason,
    priority,
    idleTimeout,
    hardTimeout,
    table,
    cookie,
    match,
    actions: readInstructions(body, version),
  };
}

export function writeFlowUpdates(
  out: MessageWriter,
  updates: readonly FlowUpdate[],
  version: OpenFlowVersion,
): void {
  for (const update of updates) {
    const start = out.length;
    const nicira = isNicira(version);
    const number = nicira
      ? NX_EVENTS.findIndex((name) => name === update.event)
      : EVENTS.indexOf(update.event);
    out.u16(0).u16(Math.max(0, number));
    if (update.event === "ABBREV") out.u32(update.xid);
    else if (update.event === "PAUSED" || update.event === "RESUMED") out.zeros(4);
    else {
      const { reason, priority, idleTimeout, hardTimeout, table, cookie, match, actions } = update;
      if (nicira) {
        out.u16(reason).u16(priority).u16(idleTimeout).u16(hardTimeout);
        const at = out.length;
        out.u16(0).u8(table).zeros(1).u64(cookie);
        writeMonitoredMatch(out, at, match, version);
      } else {
        out.u8(table).u8(reason).u16(idleTimeout).u16(hardTimeout).u16(priority).zeros(4).u64(cookie);
        writeMatch(out, match, version);
      }
      if (nicira && version !== ONF) writeActions(out, actions, version);
      else writeInstructions(out, actions, version);
    }
    out.patchU16(start, out.length - start);
  }
}
