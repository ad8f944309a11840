// Echo requests as ping sends them, and what ICMP a namespace sees.

import { ERRNO } from "../../../netlink/errno.ts";
import { readU32BE } from "../../../wire/bytes.ts";
import { writeIcmp } from "../../../wire/icmpv4-message.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { ipv4HeaderLength, ipv4Source } from "../../../wire/ipv4.ts";
import type { Netns } from "../../netns.ts";
import { ipv4Of } from "../namespace.ts";
import type { DatagramHeader } from "../output.ts";
import { PMTUDISC, sendDatagram } from "../output.ts";
import { routeOutput } from "../route-output.ts";
import { ip } from "./network.ts";

const NO_PAYLOAD = new Uint8Array(0);

/** Sends an echo request; the errno of a refusal, or 0. */
export function ping(
  from: Netns,
  to: string,
  header: Partial<DatagramHeader> = {},
  payload: Uint8Array = NO_PAYLOAD,
): number {
  const inet = ipv4Of(from);
  const request = { destination: ip(to), source: header.source ?? 0, protocol: IpProtocol.ICMP };
  const route = routeOutput(inet, request);
  if (typeof route === "number") return route;
  const message = new Uint8Array(8 + payload.length);
  writeIcmp({ kind: "echo-request", id: 0x1234, sequence: 1, payload }, message, 0);
  return sendDatagram(
    inet,
    route,
    {
      source: route.source,
      destination: ip(to),
      protocol: IpProtocol.ICMP,
      discovery: PMTUDISC.WANT,
      ...header,
    },
    message,
  );
}

export const { ENETUNREACH, EMSGSIZE } = ERRNO;

/** An ICMP message that has reached a namespace. */
export interface SeenIcmp {
  readonly type: number;
  readonly code: number;
  readonly from: number;
  /** Of the IP packet, bytes. */
  readonly length: number;
  /** The second word: MTU, gateway. */
  readonly word: number;
}

export function icmpSeen(netns: Netns): SeenIcmp[] {
  const seen: SeenIcmp[] = [];
  ipv4Of(netns).stack.rawReceivers.push({
    receive(packet, protocol) {
      if (protocol !== IpProtocol.ICMP || packet.device.netns !== netns) return false;
      const { bytes, start } = packet;
      const at = start + ipv4HeaderLength(bytes, start);
      seen.push({
        type: bytes[at] ?? -1,
        code: bytes[at + 1] ?? -1,
        from: ipv4Source(bytes, start),
        length: packet.length,
        word: readU32BE(bytes, at + 4),
      });
      return true;
    },
  });
  return seen;
}
