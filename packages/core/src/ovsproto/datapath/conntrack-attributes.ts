// The action ct(...) as netlink attributes (OVS_CT_ATTR_*, OVS_NAT_ATTR_* of linux/openvswitch.h; net/openvswitch/conntrack.c).

import type { AttributeReader, AttributeWriter } from "../../netlink/attributes.ts";
import { readU32Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { readU32BE } from "../../wire/bytes.ts";
import { ipv6ToBytes, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { Nat, NatAddresses } from "../openflow/actions.ts";
import type { ConntrackRequest, DpAction } from "./actions.ts";

const CT = {
  COMMIT: 1,
  ZONE: 2,
  MARK: 3,
  LABELS: 4,
  HELPER: 5,
  NAT: 6,
  FORCE_COMMIT: 7,
  EVENTMASK: 8,
  TIMEOUT: 9,
};
const NAT = {
  SRC: 1,
  DST: 2,
  IP_MIN: 3,
  IP_MAX: 4,
  PROTO_MIN: 5,
  PROTO_MAX: 6,
  PERSISTENT: 7,
  PROTO_HASH: 8,
  PROTO_RANDOM: 9,
};

type Conntrack = DpAction & { readonly type: "ct" };

export function writeConntrackAttributes(writer: AttributeWriter, { request }: Conntrack): void {
  const { commit, force, zone, mark, label, nat, helper, timeout } = request;
  if (commit) writer.flag(force ? CT.FORCE_COMMIT : CT.COMMIT);
  if (zone !== 0) writer.u16(CT.ZONE, zone);
  if (mark) {
    writer.attribute(CT.MARK, () => {
      writer.appendU32(mark.value);
      writer.appendU32(mark.mask);
    });
  }
  if (label) {
    writer.attribute(CT.LABELS, () => {
      for (const words of [label.value, label.mask]) {
        const at = writer.reserve(16);
        words.forEach((word, i) => writeU32Host(writer.buffer, at + 12 - 4 * i, word));
      }
    });
  }
  if (helper !== undefined) writer.string(CT.HELPER, helper);
  if (timeout !== undefined) writer.string(CT.TIMEOUT, timeout);
  if (nat) writer.attribute(CT.NAT, () => writeNat(writer, nat));
}

function writeNat(writer: AttributeWriter, { direction, addresses, ports, persistent, protocol }: Nat): void {
  if (direction === undefined) return;
  writer.flag(direction === "src" ? NAT.SRC : NAT.DST);
  if (addresses) {
    const one = (type: number, address: number | Ipv6Address) => {
      if (typeof address === "number") writer.be32(type, address);
      else writer.bytes(type, ipv6ToBytes(address));
    };
    one(NAT.IP_MIN, addresses.min);
    if (addresses.max !== undefined) one(NAT.IP_MAX, addresses.max);
  }
  if (ports) {
    writer.u16(NAT.PROTO_MIN, ports.min);
    if (ports.max !== undefined) writer.u16(NAT.PROTO_MAX, ports.max);
  }
  if (persistent) writer.flag(NAT.PERSISTENT);
  if (protocol !== undefined) writer.flag(protocol === "hash" ? NAT.PROTO_HASH : NAT.PROTO_RANDOM);
}

/** Undefined if something is unknown. */
export function readConntrackAttributes(reader: AttributeReader): DpAction | undefined {
  let commit = false;
  let force = false;
  let zone = 0;
  let mark: ConntrackRequest["mark"];
  let label: ConntrackRequest["label"];
  let nat: Nat | undefined;
  let helper: string | undefined;
  let timeout: string | undefined;
  while (reader.next()) {
    const { type, buf, start, end } = reader;
    const words = (at: number) => [12, 8, 4, 0].map((offset) => readU32Host(buf, at + offset));
    if (type === CT.COMMIT) commit = true;
    else if (type === CT.FORCE_COMMIT) commit = force = true;
    else if (type === CT.ZONE) zone = reader.u16();
    else if (type === CT.MARK && end - start === 8) {
      mark = { value: readU32Host(buf, start), mask: readU32Host(buf, start + 4) };
    } else if (type === CT.LABELS && end - start === 32) {
      label = { value: words(start), mask: words(start + 16) };
    } else if (type === CT.HELPER) helper = reader.string();
    else if (type === CT.TIMEOUT) timeout = reader.string();
    else if (type === CT.NAT) nat = readNat(reader.nested());
    else if (type !== CT.EVENTMASK) return undefined;
  }
  return { type: "ct", request: { commit, force, zone, mark, label, nat, helper, timeout } };
}

function readNat(reader: AttributeReader): Nat {
  let direction: Nat["direction"];
  const addresses: Uint8Array[] = [];
  let min: number | undefined;
  let max: number | undefined;
  let persistent = false;
  let protocol: Nat["protocol"];
  while (reader.next()) {
    if (reader.type === NAT.SRC) direction = "src";
    else if (reader.type === NAT.DST) direction = "dst";
    else if (reader.type === NAT.IP_MIN) addresses[0] = reader.bytes();
    else if (reader.type === NAT.IP_MAX) addresses[1] = reader.bytes();
    else if (reader.type === NAT.PROTO_MIN) min = reader.u16();
    else if (reader.type === NAT.PROTO_MAX) max = reader.u16();
    else if (reader.type === NAT.PERSISTENT) persistent = true;
    else if (reader.type === NAT.PROTO_HASH) protocol = "hash";
    else if (reader.type === NAT.PROTO_RANDOM) protocol = "random";
  }
  return {
    type: "nat",
    direction,
    addresses: addressesOf(addresses[0], addresses[1]),
    ports: min === undefined ? undefined : { min, max },
    persistent,
    protocol,
  };
}

function addressesOf(min: Uint8Array | undefined, max: Uint8Array | undefined): NatAddresses | undefined {
  if (min?.length === 4) return { family: 4, min: readU32BE(min, 0), max: max && readU32BE(max, 0) };
  if (min?.length !== 16) return undefined;
  return { family: 6, min: readIpv6Address(min, 0), max: max && readIpv6Address(max, 0) };
}
