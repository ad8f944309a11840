/** Packet-in (all five forms), packet-out and NXT_RESUME. */
import { readActions } from "./action-decode.ts";
import { writeActions } from "./action-encode.ts";
import type { Action } from "./actions.ts";
import { OpenflowError } from "./errors.ts";
import { theField } from "./fields.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { readMatch, readPort32, writeMatch, writePort32 } from "./fixed-match.ts";
import { KeyWord } from "./flow-key.ts";
import { Match } from "./match.ts";
import { MessageReader } from "./message-bytes.ts";
import type { MessageWriter } from "./message-bytes.ts";
import { readOxmMatch, readPaddedMatch, writeOxmMatch } from "./oxm.ts";
import { isOutputPort } from "./action-check.ts";
import { Port, PORT_MAX } from "./ports.ts";
import {
  propertyU32,
  propertyU64,
  propertyU8,
  readProperty,
  unknownProperty,
  writeProperty,
} from "./properties.ts";
import { NO_BUFFER } from "./flow-mod.ts";

/** Where a paused packet goes on (NXT_PACKET_IN2 with the pause flag, NXT_RESUME). */
export interface Continuation {
  readonly bridge: Uint8Array | undefined;
  readonly stack: readonly Uint8Array[];
  readonly conntracked: boolean;
  readonly mirrors: number;
  /** With `unroll_xlate` among them, which travels as properties of its own. */
  readonly actions: readonly Action[];
  readonly actionSet: readonly Action[];
  /** Port of the datapath that the packet has come in by; 0 if there is none. */
  readonly datapathPort: number;
}

export interface PacketIn {
  readonly type: "packet_in";
  /** Which of the forms; "standard" is the version's own. */
  readonly form: "standard" | "nxt" | "nxt2";
  readonly bufferId: number;
  /** Of the whole packet. */
  readonly totalLength: number;
  readonly reason: number;
  readonly table: number;
  readonly cookie: bigint;
  /** in_port, metadata, registers, tunnel: what is not in the packet. */
  readonly metadata: Match;
  readonly packet: Uint8Array;
  readonly userdata: Uint8Array | undefined;
  readonly continuation: Continuation | undefined;
}

export interface PacketOut {
  readonly type: "packet_out";
  readonly bufferId: number;
  /** in_port and what else OpenFlow 1.5 lets be said. */
  readonly metadata: Match;
  readonly actions: readonly Action[];
  /** Empty if the packet is in a buffer. */
  readonly packet: Uint8Array;
}

/** The in_port of a packet's metadata. */
export function metadataPort(metadata: Match): number {
  return metadata.value[KeyWord.IN_PORT] ?? Port.NONE;
}

function withPort(port: number): Match {
  const metadata = new Match();
  metadata.set(theField("in_port"), BigInt(port));
  return metadata;
}

/** A packet-in that tells of none. */
const NO_COOKIE = 0xffff_ffff_ffff_ffffn;

const PLAIN = { userdata: undefined, continuation: undefined } as const;

/** The version's own form. */
export function readPacketIn(from: MessageReader, version: OpenFlowVersion): PacketIn {
  const bufferId = from.u32();
  if (version === 1) {
    const totalLength = from.u16();
    const metadata = withPort(from.u16());
    const reason = from.u8();
    from.skip(1);
    return {
      type: "packet_in",
      form: "standard",
      bufferId,
      totalLength,
      reason,
      table: 0,
      cookie: NO_COOKIE,
      metadata,
      packet: from.rest().slice(),
      ...PLAIN,
    };
  }
  if (version === 2) {
    const metadata = withPort(readPort32(from, "OFPBAC_BAD_OUT_PORT"));
    from.skip(4);
    const totalLength = from.u16();
    const reason = from.u8();
    const table = from.u8();
    return {
      type: "packet_in",
      form: "standard",
      bufferId,
      totalLength,
      reason,
      table,
      cookie: NO_COOKIE,
      metadata,
      packet: from.rest().slice(),
      ...PLAIN,
    };
  }
  const totalLength = from.u16();
  const reason = from.u8();
  const table = from.u8();
  const cookie = version >= 4 ? from.u64() : NO_COOKIE;
  const metadata = readMatch(from, { loose: true });
  if (from.left < 2) throw new OpenflowError("OFPBRC_BAD_LEN");
  from.skip(2);
  return {
    type: "packet_in",
    form: "standard",
    bufferId,
    totalLength,
    reason,
    table,
    cookie,
    metadata,
    packet: from.rest().slice(),
    ...PLAIN,
  };
}

/** NXT_PACKET_IN. */
export function readNxPacketIn(from: MessageReader): PacketIn {
  const bufferId = from.u32();
  const totalLength = from.u16();
  const reason = from.u8();
  const table = from.u8();
  const cookie = from.u64();
  const length = from.u16();
  from.skip(6);
  const metadata = readPaddedMatch(from, length, { loose: true }).match;
  if (from.left < 2) throw new OpenflowError("OFPBRC_BAD_LEN");
  from.skip(2);
  return {
    type: "packet_in",
    form: "nxt",
    bufferId,
    totalLength,
    reason,
    table,
    cookie,
    metadata,
    packet: from.rest().slice(),
    ...PLAIN,
  };
}

/** NXPINT_*: properties of NXT_PACKET_IN2 and NXT_RESUME. */
const Packet2 = {
  PACKET: 0,
  FULL_LENGTH: 1,
  BUFFER: 2,
  TABLE: 3,
  COOKIE: 4,
  REASON: 5,
  METADATA: 6,
  USERDATA: 7,
  CONTINUATION: 8,
} as const;
/** NXCPT_*: properties of a continuation. */
const Continue = {
  BRIDGE: 0x8000,
  STACK: 0x8001,
  MIRRORS: 0x8002,
  CONNTRACKED: 0x8003,
  TABLE: 0x8004,
  COOKIE: 0x8005,
  ACTIONS: 0x8006,
  ACTION_SET: 0x8007,
  DATAPATH_PORT: 0x8008,
} as const;

function continuationActions(body: Uint8Array, version: OpenFlowVersion): readonly Action[] {
  // Four bytes of padding stand before the instructions.
  const from = new MessageReader(body);
  if (body.length < 4) throw new OpenflowError("OFPBPC_BAD_LEN");
  from.skip(4);
  return readActions(from, from.left, version);
}

function readContinuation(body: Uint8Array, version: OpenFlowVersion): Continuation {
  const from = new MessageReader(body);
  if (body.length < 4) throw new OpenflowError("OFPBPC_BAD_LEN");
  from.skip(4);
  let bridge: Uint8Array | undefined;
  const stack: Uint8Array[] = [];
  let conntracked = false;
  let mirrors = 0;
  let table = 0;
  let cookie = 0n;
  let datapathPort = 0;
  let actions: readonly Action[] = [];
  let actionSet: readonly Action[] = [];
  while (from.left > 0) {
    const property = readProperty(from);
    if (property.experimenter !== 0) throw unknownProperty(property);
    switch (property.type) {
      case Continue.BRIDGE:
        bridge = property.body.slice();
        break;
      case Continue.STACK:
        stack.push(property.body.slice());
        break;
      case Continue.MIRRORS:
        mirrors = propertyU32(property);
        break;
      case Continue.CONNTRACKED:
        conntracked = true;
        break;
      case Continue.TABLE:
        table = propertyU8(property);
        break;
      case Continue.COOKIE:
        cookie = propertyU64(property);
        break;
      case Continue.ACTIONS:
        actions = [
          ...actions,
          { type: "unroll_xlate", table, cookie },
          ...continuationActions(property.body, version),
        ];
        break;
      case Continue.ACTION_SET:
        actionSet = continuationActions(property.body, version);
        break;
      case Continue.DATAPATH_PORT:
        datapathPort = propertyU32(property);
        break;
      default:
        throw unknownProperty(property);
    }
  }
  return { bridge, stack, conntracked, mirrors, actions, actionSet, datapathPort };
}

/** NXT_PACKET_IN2, and NXT_RESUME, which sends one back. @param loose properties that are not known are passed over */
export function readPacketIn2(from: MessageReader, version: OpenFlowVersion, loose = false): PacketIn {
  let packet: Uint8Array = new Uint8Array();
  let totalLength = 0;
  let bufferId = NO_BUFFER;
  let table = 0;
  let cookie = NO_COOKIE;
  let reason = 0;
  let metadata = new Match();
  let userdata: Uint8Array | undefined;
  let continuation: Continuation | undefined;
  while (from.left > 0) {
    const property = readProperty(from);
    if (property.experimenter !== 0) {
      if (loose) continue;
      throw unknownProperty(property);
    }
    switch (property.type) {
      case Packet2.PACKET:
        packet = property.body.slice();
        break;
      case Packet2.FULL_LENGTH:
        totalLength = propertyU32(property);
        break;
      case Packet2.BUFFER:
        bufferId = propertyU32(property);
        break;
      case Packet2.TABLE:
        table = propertyU8(property);
        break;
      case Packet2.COOKIE:
        cookie = propertyU64(property);
        break;
      case Packet2.REASON:
        reason = propertyU8(property);
        break;
      case Packet2.METADATA:
        metadata = readOxmMatch(from.over(property.body), { loose: true }).match;
        break;
      case Packet2.USERDATA:
        userdata = property.body.slice();
        break;
      case Packet2.CONTINUATION:
        continuation = readContinuation(property.body, version);
        break;
      default:
        if (!loose) throw unknownProperty(property);
    }
  }
  if (packet.length === 0) {
    from.log?.("ofp_packet", "WARN", "NXT_PACKET_IN2 lacks packet");
    throw new OpenflowError("OFPBRC_BAD_LEN");
  }
  if (totalLength !== 0 && totalLength < packet.length) {
    from.log?.("ofp_packet", "WARN", "NXT_PACKET_IN2 claimed full_len < len");
    throw new OpenflowError("OFPBRC_BAD_LEN");
  }
  return {
    type: "packet_in",
    form: "nxt2",
    bufferId,
    totalLength: totalLength === 0 ? packet.length : totalLength,
    reason,
    table,
    cookie,
    metadata,
    packet,
    userdata,
    continuation,
  };
}

function writeContinuation(out: MessageWriter, continuation: Continuation, version: OpenFlowVersion): void {
  out.zeros(4);
  const actions = (type: number, list: readonly Action[]) => {
    if (list.length > 0) writeProperty(out, type, (body) => writeActions(body.zeros(4), list, version));
  };
  const { bridge, stack, mirrors, conntracked, datapathPort } = continuation;
  if (bridge) writeProperty(out, Continue.BRIDGE, (body) => body.put(bridge));
  for (const entry of stack) writeProperty(out, Continue.STACK, (body) => body.put(entry));
  if (mirrors !== 0) writeProperty(out, Continue.MIRRORS, (body) => body.u32(mirrors));
  if (conntracked) writeProperty(out, Continue.CONNTRACKED, () => {});
  let [table, cookie] = [0, 0n];
  let group: Action[] = [];
  for (const action of continuation.actions) {
    if (action.type !== "unroll_xlate") {
      group.push(action);
      continue;
    }
    actions(Continue.ACTIONS, group);
    group = [];
    if (action.table !== table) {
      table = action.table;
      writeProperty(out, Continue.TABLE, (body) => body.u8(action.table));
    }
    if (action.cookie !== cookie) {
      cookie = action.cookie;
      writeProperty(out, Continue.COOKIE, (body) => body.zeros(4).u64(action.cookie));
    }
  }
  actions(Continue.ACTIONS, group);
  actions(Continue.ACTION_SET, continuation.actionSet);
  if (datapathPort !== 0) writeProperty(out, Continue.DATAPATH_PORT, (body) => body.u32(datapathPort));
}

export function writePacketIn2(out: MessageWriter, message: PacketIn, version: OpenFlowVersion): void {
  const { packet, totalLength, bufferId, table, cookie, reason, metadata, userdata, continuation } = message;
  if (totalLength > packet.length) writeProperty(out, Packet2.FULL_LENGTH, (body) => body.u32(totalLength));
  if (bufferId !== NO_BUFFER) writeProperty(out, Packet2.BUFFER, (body) => body.u32(bufferId));
  writeProperty(out, Packet2.PACKET, (body) => body.put(packet));
  writeProperty(out, Packet2.TABLE, (body) => body.u8(table));
  if (cookie !== NO_COOKIE) writeProperty(out, Packet2.COOKIE, (body) => body.zeros(4).u64(cookie));
  writeProperty(out, Packet2.REASON, (body) => body.u8(reason));
  writeProperty(out, Packet2.METADATA, (body) => writeOxmMatch(body, metadata, version));
  if (userdata) writeProperty(out, Packet2.USERDATA, (body) => body.put(userdata));
  if (continuation)
    writeProperty(out, Packet2.CONTINUATION, (body) => writeContinuation(body, continuation, version));
}

export function writePacketIn(out: MessageWriter, message: PacketIn, version: OpenFlowVersion): void {
  const { bufferId, totalLength, reason, table, cookie, metadata, packet } = message;
  if (message.form === "nxt") {
    out.u32(bufferId).u16(totalLength).u8(reason).u8(table).u64(cookie);
    const at = out.length;
    out.u16(0).zeros(6);
    const start = out.length;
    writeOxmMatch(out, metadata, 0);
    out
      .patchU16(at, out.length - start)
      .pad(8, start)
      .zeros(2)
      .put(packet);
    return;
  }
  out.u32(bufferId);
  const port = metadataPort(metadata);
  if (version === 1) out.u16(totalLength).u16(port).u8(reason).zeros(1).put(packet);
  else if (version === 2) {
    writePort32(out, port);
    writePort32(out, port).u16(totalLength).u8(reason).u8(table).put(packet);
  } else {
    out.u16(totalLength).u8(reason).u8(table);
    if (version >= 4) out.u64(cookie);
    writeMatch(out, metadata, version);
    out.zeros(2).put(packet);
  }
}

export function readPacketOut(from: MessageReader, version: OpenFlowVersion): PacketOut {
  const bufferId = from.u32();
  let metadata: Match;
  let actions: readonly Action[];
  if (version === 6) {
    const length = from.u16();
    from.skip(2);
    metadata = readMatch(from, { pipelineOnly: true, loose: true });
    if (metadata.mask[KeyWord.IN_PORT] === 0) throw new OpenflowError("OFPBRC_BAD_PORT");
    actions = readActions(from, length, version);
  } else {
    metadata = withPort(version === 1 ? from.u16() : readPort32(from, "OFPBAC_BAD_OUT_PORT"));
    const length = from.u16();
    if (version > 1) from.skip(6);
    actions = readActions(from, length, version);
  }
  const port = metadataPort(metadata);
  if (port >= PORT_MAX && port !== Port.LOCAL && port !== Port.NONE && port !== Port.CONTROLLER) {
    from.log?.("ofp_packet", "WARN", `packet-out has bad input port 0x${port.toString(16)}`);
    throw new OpenflowError("OFPBRC_BAD_PORT");
  }
  return {
    type: "packet_out",
    bufferId,
    metadata,
    actions,
    packet: bufferId === NO_BUFFER ? from.rest().slice() : new Uint8Array(),
  };
}

export function writePacketOut(out: MessageWriter, message: PacketOut, version: OpenFlowVersion): void {
  const { bufferId, metadata, actions, packet } = message;
  out.u32(bufferId);
  let at: number;
  if (version === 1) {
    out.u16(metadataPort(metadata));
    at = out.length;
    out.u16(0);
  } else if (version < 6) {
    writePort32(out, metadataPort(metadata));
    at = out.length;
    out.u16(0).zeros(6);
  } else {
    at = out.length;
    out.u16(0).zeros(2);
    writeMatch(out, metadata, version);
  }
  const start = out.length;
  writeActions(out, actions, version);
  out.patchU16(at, out.length - start);
  if (bufferId === NO_BUFFER) out.put(packet);
}

/** Whether a packet-out may name this as its in_port. */
export function isPacketOutPort(port: number): boolean {
  return isOutputPort(port) || port === Port.NONE;
}
