// Actions of a datapath as netlink attributes (OVS_ACTION_ATTR_* of linux/openvswitch.h; net/openvswitch/flow_netlink.c). ct is in
// conntrack-attributes.ts. What only the daemon's own datapath can do has numbers that the kernel does not know.

import { AttributeReader } from "../../netlink/attributes.ts";
import type { AttributeWriter } from "../../netlink/attributes.ts";
import { readU16Host, readU32Host, writeU16Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { readU16BE, readU32BE, writeU16BE, writeU32BE } from "../../wire/bytes.ts";
import { readMac, writeMac } from "../../wire/mac.ts";
import { newFlow, W } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";
import { setGroupNamed } from "./actions.ts";
import type { DpAction } from "./actions.ts";
import { readConntrackAttributes, writeConntrackAttributes } from "./conntrack-attributes.ts";
import { cookieBytes, readCookie } from "./cookie-bytes.ts";
import {
  appendNsh,
  appendStructure,
  attributeName,
  attributeType,
  KEY_ATTR,
  structureSize,
  takeNsh,
  takeStructure,
} from "./key-attributes.ts";
import type { NshHeader } from "./nsh.ts";
import { readTunnelAttributes, writeTunnelAttributes } from "./tunnel-attributes.ts";

const ACTION = {
  OUTPUT: 1,
  USERSPACE: 2,
  SET: 3,
  PUSH_VLAN: 4,
  POP_VLAN: 5,
  SAMPLE: 6,
  RECIRC: 7,
  HASH: 8,
  PUSH_MPLS: 9,
  POP_MPLS: 10,
  SET_MASKED: 11,
  CT: 12,
  TRUNC: 13,
  PUSH_ETH: 14,
  POP_ETH: 15,
  CT_CLEAR: 16,
  PUSH_NSH: 17,
  POP_NSH: 18,
  METER: 19,
  CLONE: 20,
  CHECK_PKT_LEN: 21,
  ADD_MPLS: 22,
  /** From here on: not in the kernel (OVS_ACTION_ATTR_TUNNEL_PUSH, TUNNEL_POP, DROP, LB_OUTPUT). */
  TUNNEL_PUSH: 24,
  TUNNEL_POP: 25,
  DROP: 26,
  LB_OUTPUT: 27,
} as const;

const USERSPACE = { PID: 1, USERDATA: 2, EGRESS_TUN_PORT: 3, ACTIONS: 4 } as const;
const SAMPLE = { PROBABILITY: 1, ACTIONS: 2 } as const;
const CHECK_PKT_LEN = { PKT_LEN: 1, IF_GREATER: 2, IF_LESS_EQUAL: 3 } as const;
const NSH = { BASE: 1, MD1: 2, MD2: 3 } as const;
const HASHES = ["l4", "sym_l4"] as const;
/** OVS_MPLS_L3_TUNNEL_FLAG_MASK: a label goes behind the Ethernet header; without it, before the whole packet. */
const MPLS_FLAG_INSIDE = 1;

export function writeActions(writer: AttributeWriter, actions: readonly DpAction[], pid: number): void {
  for (const action of actions) writeAction(writer, action, pid);
}

/** `pid`: of the socket that upcalls go to, where the action does not name one. */
function writeAction(writer: AttributeWriter, action: DpAction, pid: number): void {
  switch (action.type) {
    case "output":
      return writer.u32(ACTION.OUTPUT, action.port);
    case "userspace":
      return writer.attribute(ACTION.USERSPACE, () => {
        writer.u32(USERSPACE.PID, action.pid ?? pid);
        writer.bytes(USERSPACE.USERDATA, cookieBytes(action.cookie));
        if (action.tunnelOutPort !== undefined) writer.u32(USERSPACE.EGRESS_TUN_PORT, action.tunnelOutPort);
        if (action.withActions === true) writer.flag(USERSPACE.ACTIONS);
      });
    case "set":
      return writeSet(writer, action);
    case "push_vlan":
      return words(writer, ACTION.PUSH_VLAN, 4, (bytes, at) => {
        writeU16BE(bytes, at, action.tpid);
        writeU16BE(bytes, at + 2, action.tci);
      });
    case "pop_vlan":
      return writer.flag(ACTION.POP_VLAN);
    case "sample":
      return writer.attribute(ACTION.SAMPLE, () => {
        writer.u32(SAMPLE.PROBABILITY, action.probability);
        writer.attribute(SAMPLE.ACTIONS, () => writeActions(writer, action.actions, pid));
      });
    case "recirc":
      return writer.u32(ACTION.RECIRC, action.id);
    case "hash":
      return words(writer, ACTION.HASH, 8, (bytes, at) => {
        writeU32Host(bytes, at, HASHES.indexOf(action.algorithm));
        writeU32Host(bytes, at + 4, action.basis);
      });
    case "push_mpls":
      return words(writer, ACTION.PUSH_MPLS, 8, (bytes, at) => {
        writeU32BE(bytes, at, action.lse);
        writeU16BE(bytes, at + 4, action.etherType);
      });
    case "pop_mpls":
      return writer.be16(ACTION.POP_MPLS, action.etherType);
    case "add_mpls":
      return words(writer, ACTION.ADD_MPLS, 8, (bytes, at) => {
        writeU32BE(bytes, at, action.lse);
        writeU16BE(bytes, at + 4, action.etherType);
        writeU16Host(bytes, at + 6, action.wholePacket === true ? 0 : MPLS_FLAG_INSIDE);
      });
    case "ct":
      return writer.attribute(ACTION.CT, () => writeConntrackAttributes(writer, action));
    case "trunc":
      return writer.u32(ACTION.TRUNC, action.maxLength);
    case "push_eth":
      return words(writer, ACTION.PUSH_ETH, 12, (bytes, at) => {
        writeMac(bytes, at, action.source);
        writeMac(bytes, at + 6, action.destination);
      });
    case "pop_eth":
      return writer.flag(ACTION.POP_ETH);
    case "ct_clear":
      return writer.flag(ACTION.CT_CLEAR);
    case "push_nsh":
      return writer.attribute(ACTION.PUSH_NSH, () => writeNsh(writer, action.header));
    case "pop_nsh":
      return writer.flag(ACTION.POP_NSH);
    case "meter":
      return writer.u32(ACTION.METER, action.id);
    case "clone":
      return writer.attribute(ACTION.CLONE, () => writeActions(writer, action.actions, pid));
    case "check_pkt_len":
      return writer.attribute(ACTION.CHECK_PKT_LEN, () => {
        writer.u16(CHECK_PKT_LEN.PKT_LEN, action.size);
        writer.attribute(CHECK_PKT_LEN.IF_GREATER, () => writeActions(writer, action.greater, pid));
        writer.attribute(CHECK_PKT_LEN.IF_LESS_EQUAL, () => writeActions(writer, action.lessEqual, pid));
      });
    case "tnl_push":
      return writer.bytes(ACTION.TUNNEL_PUSH, action.header.bytes);
    case "tnl_pop":
      return writer.u32(ACTION.TUNNEL_POP, action.port);
    case "lb_output":
      return writer.u32(ACTION.LB_OUTPUT, action.bond);
    case "drop":
      return writer.u32(ACTION.DROP, 0);
  }
}

function words(
  writer: AttributeWriter,
  type: number,
  size: number,
  fill: (bytes: Uint8Array, at: number) => void,
): void {
  writer.attribute(type, () => {
    const at = writer.reserve(size);
    fill(writer.buffer, at);
  });
}

/** With a mask where not all bits of the group are set. */
function writeSet(
  writer: AttributeWriter,
  { group, value, mask }: DpAction & { readonly type: "set" },
): void {
  if (group === "tunnel") {
    writer.attribute(ACTION.SET, () =>
      writer.attribute(KEY_ATTR.TUNNEL, () => writeTunnelAttributes(writer, value)),
    );
    return;
  }
  const type = attributeType(group);
  if (type === undefined) return;
  const size = group === "mpls" ? 4 : structureSize(group);
  const begun = writer.begin(ACTION.SET_MASKED);
  const inner = writer.begin(type);
  let isWhole: boolean;
  if (size === undefined) {
    isWhole = isAllOfNsh(mask);
    appendNsh(writer, value, isWhole ? undefined : mask);
  } else {
    appendStructure(writer, group, value, false);
    const at = writer.length;
    appendStructure(writer, group, mask, true);
    isWhole = writer.buffer.subarray(at, at + size).every((byte) => byte === 0xff);
    if (isWhole) writer.dropLast(size);
  }
  if (isWhole) writeU16Host(writer.buffer, begun + 2, ACTION.SET);
  writer.end(inner);
  writer.end(begun);
}

/** The group whose parts are attributes themselves. */
function isAllOfNsh(mask: Flow): boolean {
  return mask.subarray(W.NSH, W.NSH_C + 4).every((bits) => bits === 0xffff_ffff);
}

function writeNsh(writer: AttributeWriter, header: NshHeader): void {
  words(writer, NSH.BASE, 8, (bytes, at) => {
    bytes.set([header.flags, header.ttl, header.mdtype, header.next], at);
    writeU32BE(bytes, at + 4, ((header.path << 8) | header.index) >>> 0);
  });
  writer.bytes(header.mdtype === 1 ? NSH.MD1 : NSH.MD2, header.metadata);
}

// ---- reading

/** Undefined if one is unknown or has not the length that it should have. */
export function readActions(reader: AttributeReader): readonly DpAction[] | undefined {
  const actions: DpAction[] = [];
  while (reader.next()) {
    const action = readAction(reader);
    if (!action) return undefined;
    actions.push(action);
  }
  return reader.error || reader.leftover > 0 ? undefined : actions;
}

export function readActionBytes(bytes: Uint8Array): readonly DpAction[] | undefined {
  return readActions(new AttributeReader(bytes));
}

/** Bytes of actions that are a structure; others are lists or of any length. */
const SIZES: ReadonlyMap<number, number> = new Map([
  [ACTION.OUTPUT, 4],
  [ACTION.PUSH_VLAN, 4],
  [ACTION.POP_VLAN, 0],
  [ACTION.RECIRC, 4],
  [ACTION.HASH, 8],
  [ACTION.PUSH_MPLS, 8],
  [ACTION.POP_MPLS, 2],
  [ACTION.TRUNC, 4],
  [ACTION.PUSH_ETH, 12],
  [ACTION.POP_ETH, 0],
  [ACTION.CT_CLEAR, 0],
  [ACTION.POP_NSH, 0],
  [ACTION.METER, 4],
  [ACTION.ADD_MPLS, 8],
]);

function readAction(reader: AttributeReader): DpAction | undefined {
  const { type, buf, start, end } = reader;
  const size = SIZES.get(type);
  if (size !== undefined && size !== end - start) return undefined;
  switch (type) {
    case ACTION.OUTPUT:
      return { type: "output", port: reader.u32() };
    case ACTION.USERSPACE:
      return readUserspace(reader.nested());
    case ACTION.SET:
    case ACTION.SET_MASKED:
      return readSet(reader.nested(), type === ACTION.SET_MASKED);
    case ACTION.PUSH_VLAN:
      return { type: "push_vlan", tpid: readU16BE(buf, start), tci: readU16BE(buf, start + 2) };
    case ACTION.POP_VLAN:
      return { type: "pop_vlan" };
    case ACTION.SAMPLE:
      return readSample(reader.nested());
    case ACTION.RECIRC:
      return { type: "recirc", id: reader.u32() };
    case ACTION.HASH: {
      const algorithm = HASHES[readU32Host(buf, start)];
      return algorithm && { type: "hash", algorithm, basis: readU32Host(buf, start + 4) };
    }
    case ACTION.PUSH_MPLS:
      return { type: "push_mpls", lse: readU32BE(buf, start), etherType: readU16BE(buf, start + 4) };
    case ACTION.POP_MPLS:
      return { type: "pop_mpls", etherType: readU16BE(buf, start) };
    case ACTION.ADD_MPLS: {
      const label = { lse: readU32BE(buf, start), etherType: readU16BE(buf, start + 4) };
      const inside = (readU16Host(buf, start + 6) & MPLS_FLAG_INSIDE) !== 0;
      return { type: "add_mpls", ...label, ...(inside ? {} : { wholePacket: true }) };
    }
    case ACTION.CT:
      return readConntrackAttributes(reader.nested());
    case ACTION.TRUNC:
      return { type: "trunc", maxLength: reader.u32() };
    case ACTION.PUSH_ETH:
      return { type: "push_eth", source: readMac(buf, start), destination: readMac(buf, start + 6) };
    case ACTION.POP_ETH:
      return { type: "pop_eth" };
    case ACTION.CT_CLEAR:
      return { type: "ct_clear" };
    case ACTION.PUSH_NSH: {
      const header = readNsh(reader.nested());
      return header && { type: "push_nsh", header };
    }
    case ACTION.POP_NSH:
      return { type: "pop_nsh" };
    case ACTION.METER:
      return { type: "meter", id: reader.u32() };
    case ACTION.CLONE: {
      const actions = readActions(reader.nested());
      return actions && { type: "clone", actions };
    }
    case ACTION.CHECK_PKT_LEN:
      return readPacketLength(reader.nested());
    default:
      return undefined;
  }
}

function readUserspace(reader: AttributeReader): DpAction | undefined {
  let pid: number | undefined;
  let data: Uint8Array = new Uint8Array(0);
  let tunnelOutPort: number | undefined;
  let withActions = false;
  while (reader.next()) {
    if (reader.type === USERSPACE.PID) pid = reader.u32();
    else if (reader.type === USERSPACE.USERDATA) data = reader.bytes();
    else if (reader.type === USERSPACE.EGRESS_TUN_PORT) tunnelOutPort = reader.u32();
    else if (reader.type === USERSPACE.ACTIONS) withActions = true;
    else return undefined;
  }
  if (pid === undefined) return undefined;
  return {
    type: "userspace",
    cookie: readCookie(data),
    pid,
    ...(withActions ? { withActions } : {}),
    ...(tunnelOutPort === undefined ? {} : { tunnelOutPort }),
  };
}

function readSet(reader: AttributeReader, masked: boolean): DpAction | undefined {
  if (!reader.next()) return undefined;
  const { type, buf, start, end } = reader;
  const value = newFlow();
  if (type === KEY_ATTR.TUNNEL) {
    if (masked || !readTunnelAttributes(reader.nested(), value)) return undefined;
    return { type: "set", group: "tunnel", value, mask: newFlow().fill(0xffff_ffff) };
  }
  const group = setGroupNamed(attributeName(type));
  if (group === undefined) return undefined;
  const mask = newFlow();
  if (group === "nsh") {
    if (!takeNsh(reader.nested(), value, masked ? mask : undefined)) return undefined;
    if (!masked) mask.fill(0xffff_ffff);
  } else {
    const half = start + (end - start) / 2;
    if (!takeStructure(group, buf, start, masked ? half : end, value, false)) return undefined;
    const bits = masked ? buf.slice(half, end) : new Uint8Array(end - start).fill(0xff);
    if (!takeStructure(group, bits, 0, bits.length, mask, true)) return undefined;
  }
  return { type: "set", group, value, mask };
}

function readSample(reader: AttributeReader): DpAction | undefined {
  let probability: number | undefined;
  let actions: readonly DpAction[] | undefined;
  while (reader.next()) {
    if (reader.type === SAMPLE.PROBABILITY) probability = reader.u32();
    else if (reader.type === SAMPLE.ACTIONS) actions = readActions(reader.nested());
  }
  return probability === undefined || !actions ? undefined : { type: "sample", probability, actions };
}

function readPacketLength(reader: AttributeReader): DpAction | undefined {
  let size: number | undefined;
  let greater: readonly DpAction[] | undefined;
  let lessEqual: readonly DpAction[] | undefined;
  while (reader.next()) {
    if (reader.type === CHECK_PKT_LEN.PKT_LEN) size = reader.u16();
    else if (reader.type === CHECK_PKT_LEN.IF_GREATER) greater = readActions(reader.nested());
    else if (reader.type === CHECK_PKT_LEN.IF_LESS_EQUAL) lessEqual = readActions(reader.nested());
  }
  return size === undefined || !greater || !lessEqual
    ? undefined
    : { type: "check_pkt_len", size, greater, lessEqual };
}

function readNsh(reader: AttributeReader): NshHeader | undefined {
  let base: Pick<NshHeader, "flags" | "ttl" | "mdtype" | "next" | "path" | "index"> | undefined;
  let metadata: Uint8Array = new Uint8Array(0);
  while (reader.next()) {
    const { buf, start, end, type } = reader;
    if (type !== NSH.BASE) metadata = reader.bytes();
    else if (end - start === 8) {
      const [flags = 0, ttl = 0, mdtype = 0, next = 0] = buf.subarray(start, start + 4);
      const path = readU32BE(buf, start + 4);
      base = { flags, ttl, mdtype, next, path: path >>> 8, index: path & 0xff };
    }
  }
  return base && { ...base, metadata };
}
