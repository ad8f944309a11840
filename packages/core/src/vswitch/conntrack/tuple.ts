// Which connection a packet belongs to (struct nf_conntrack_tuple): ends, protocol, and what the protocol tells flows apart by.
// The tuple of answers is the inverse of that of questions.

import { readU16BE } from "../../wire/bytes.ts";
import {
  FRAG_ANY,
  isIpv4,
  isIpv6,
  newFlow,
  nwFrag,
  nwProto,
  tpDst,
  tpSrc,
  W,
  word,
} from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { hasTuplePorts, isIcmp } from "../../ovsproto/datapath/connection.ts";
import type { AddressWords, Tuple } from "../../ovsproto/datapath/connection.ts";
import { extractFlow, found } from "../../ovsproto/flow/extract.ts";
import type { FrameBytes } from "../../ovsproto/flow/extract.ts";

const ICMP = 1;
const ICMPV6 = 58;

/** Types of ICMP that ask and those that answer them. */
const ANSWERS_V4: ReadonlyMap<number, number> = new Map([
  [8, 0],
  [0, 8],
  [13, 14],
  [14, 13],
  [15, 16],
  [16, 15],
  [17, 18],
  [18, 17],
]);
const ANSWERS_V6: ReadonlyMap<number, number> = new Map([
  [128, 129],
  [129, 128],
]);

/** nf_ct_invert_tuple(); undefined for ICMP that nobody answers. */
export function invert(tuple: Tuple): Tuple | undefined {
  const { version6, protocol, source, destination } = tuple;
  if (isIcmp(tuple)) {
    const answer = (version6 ? ANSWERS_V6 : ANSWERS_V4).get(tuple.destinationPort >>> 8);
    if (answer === undefined) return undefined;
    return {
      version6,
      protocol,
      source: destination,
      destination: source,
      sourcePort: tuple.sourcePort,
      destinationPort: (answer << 8) | (tuple.destinationPort & 0xff),
    };
  }
  return {
    version6,
    protocol,
    source: destination,
    destination: source,
    sourcePort: tuple.destinationPort,
    destinationPort: tuple.sourcePort,
  };
}

/** Tells tuples of a zone apart. */
export function tupleKey(zone: number, tuple: Tuple): string {
  const { protocol, source, destination, sourcePort, destinationPort } = tuple;
  return `${zone}/${protocol}/${source.join(".")}/${destination.join(".")}/${sourcePort}/${destinationPort}`;
}

function addressAt(flow: Flow, at: number, version6: boolean): AddressWords {
  return version6 ? [...flow.subarray(at, at + 4)] : [word(flow, at)];
}

/** What the tracker reads of a packet. */
export interface Tracked {
  readonly tuple: Tuple;
  /** Offsets in the bytes; `transport` is -1 if the protocol's header is not known. */
  readonly network: number;
  readonly transport: number;
  readonly flow: Flow;
}

const scratch = newFlow();

/** The tuple of a packet that starts at its link-layer header; undefined for what cannot be tracked. */
export function readTuple(frame: FrameBytes): Tracked | undefined {
  extractFlow(frame, scratch);
  const { network, transport } = found;
  const version6 = isIpv6(scratch);
  if (!version6 && !isIpv4(scratch)) return undefined;
  // Fragments have no ports to go by.
  if (nwFrag(scratch) & FRAG_ANY) return undefined;
  const protocol = nwProto(scratch);
  const source = addressAt(scratch, version6 ? W.IPV6_SRC : W.NW_SRC, version6);
  const destination = addressAt(scratch, version6 ? W.IPV6_DST : W.NW_DST, version6);
  let sourcePort = 0;
  let destinationPort = 0;
  if (hasTuplePorts(protocol)) {
    if (transport < 0) return undefined;
    sourcePort = tpSrc(scratch);
    destinationPort = tpDst(scratch);
  } else if (protocol === (version6 ? ICMPV6 : ICMP)) {
    if (transport < 0) return undefined;
    sourcePort = readU16BE(frame.bytes, transport + 4);
    destinationPort = (tpSrc(scratch) << 8) | tpDst(scratch);
  }
  const tuple = { version6, protocol, source, destination, sourcePort, destinationPort };
  return { tuple, network, transport, flow: scratch };
}

/** Types of ICMP errors, which quote the packet that they are about. */
export function isIcmpError(tuple: Tuple): boolean {
  const type = tuple.destinationPort >>> 8;
  if (!isIcmp(tuple)) return false;
  return tuple.version6 ? type < 128 : [3, 4, 5, 11, 12].includes(type);
}
