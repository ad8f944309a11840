/** The nat action on the wire (NXAST_NAT): flags, which ends of ranges are there, and these. */
import { ipv6ToBytes, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { Nat, NatAddresses } from "./actions.ts";
import { badArgument } from "./action-operands.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";

export function writeNat(out: MessageWriter, nat: Nat): void {
  const { direction, ports, persistent, protocol } = nat;
  // a range that begins with no address is left out
  const { addresses: range } = nat;
  const addresses = range && /^\0*$/.test(String(range.min === 0 ? "" : range.min)) ? undefined : range;
  const flags =
    (direction === "src" ? 1 : 0) |
    (direction === "dst" ? 2 : 0) |
    (persistent ? 4 : 0) |
    (protocol === "hash" ? 8 : 0) |
    (protocol === "random" ? 16 : 0);
  const base = addresses?.family === 6 ? 4 : 1;
  const present =
    (addresses ? base : 0) |
    (addresses?.max === undefined ? 0 : base << 1) |
    (addresses && ports ? 16 : 0) |
    (addresses && ports?.max !== undefined ? 32 : 0);
  out.zeros(2).u16(flags).u16(present);
  if (!addresses) return;
  if (addresses.family === 4) {
    out.u32(addresses.min);
    if (addresses.max !== undefined) out.u32(addresses.max);
  } else {
    out.put(ipv6ToBytes(addresses.min));
    if (addresses.max !== undefined) out.put(ipv6ToBytes(addresses.max));
  }
  if (!ports) return;
  out.u16(ports.min);
  if (ports.max !== undefined) out.u16(ports.max);
}

function natAddresses(from: MessageReader, present: number): NatAddresses | undefined {
  const short = () => badArgument();
  if ((present & 1) !== 0) {
    if ((present & 0xc) !== 0 || from.left < ((present & 2) === 0 ? 4 : 8)) throw short();
    const min = from.u32();
    const max = (present & 2) === 0 ? undefined : from.u32();
    if (min === 0 || (max !== undefined && max < min)) throw short();
    return { family: 4, min, max };
  }
  if ((present & 2) !== 0) throw short();
  if ((present & 4) !== 0) {
    if (from.left < ((present & 8) === 0 ? 16 : 32)) throw short();
    const min = readIpv6Address(from.take(16), 0);
    const max = (present & 8) === 0 ? undefined : readIpv6Address(from.take(16), 0);
    if (/^\0*$/.test(min) || (max !== undefined && max < min)) throw short();
    return { family: 6, min, max };
  }
  if ((present & 8) !== 0) throw short();
  return undefined;
}

export function readNat(from: MessageReader): Nat {
  from.skip(2);
  const flags = from.u16();
  const present = from.u16();
  if ((flags & ~0x1f) !== 0 || (flags & 3) === 3 || (flags & 0x18) === 0x18) throw badArgument();
  const addresses = natAddresses(from, present);
  let ports: Nat["ports"];
  if ((present & 16) !== 0) {
    if (!addresses || from.left < ((present & 32) === 0 ? 2 : 4)) throw badArgument();
    const min = from.u16();
    const max = (present & 32) === 0 ? undefined : from.u16();
    if (min === 0 || (max !== undefined && max < min)) throw badArgument();
    ports = { min, max };
  } else if ((present & 32) !== 0) throw badArgument();
  return {
    type: "nat",
    direction: (flags & 1) !== 0 ? "src" : (flags & 2) !== 0 ? "dst" : undefined,
    addresses,
    ports,
    persistent: (flags & 4) !== 0,
    protocol: (flags & 8) !== 0 ? "hash" : (flags & 16) !== 0 ? "random" : undefined,
  };
}
