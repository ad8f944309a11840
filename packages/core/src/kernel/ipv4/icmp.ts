// ICMP messages that come in (net/ipv4/icmp.c): echo and timestamp are answered, errors go to the protocol they are about.
// What this host sends of its own accord is in icmp-send.ts.

import { readU32BE } from "../../wire/bytes.ts";
import {
  ICMP_HEADER_LENGTH,
  icmpChecksumOk,
  icmpCode,
  icmpType,
  IcmpType,
  IcmpUnreachable,
  fillIcmpChecksum,
} from "../../wire/icmpv4.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  IPV4_MIN_HEADER,
  ipv4Destination,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4Tos,
} from "../../wire/ipv4.ts";
import { readU16BE, writeU32BE } from "../../wire/bytes.ts";
import { noteDelivery } from "../journey.ts";
import { l3MasterOf } from "../l3mdev.ts";
import type { Packet } from "../packet.ts";
import { addressType } from "./address-type.ts";
import { allowedTo, echoedOptions } from "./icmp-send.ts";
import { noteUnrouted } from "./journey.ts";
import type { IcmpErrorReport, Ipv4Netns, Ipv4Protocol, Ipv4Stack } from "./namespace.ts";
import { ipv4Of } from "./namespace.ts";
import { midnightMilliseconds, sendDatagram } from "./output.ts";
import { ownAddressFor } from "./own-address.ts";
import { learnPathMtu, learnRedirect } from "./path-mtu.ts";
import { Route } from "./route.ts";
import { ROUTING_TOS, routeOutput } from "./route-output.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";
import { RTCF } from "./route-flags.ts";

const HIGHEST_TYPE = 18;
const TIMESTAMP_LENGTH = 20;

/** Takes echo replies to ping sockets; set by the sockets. */
export interface EchoReceiver {
  /** `packet.start` is the ICMP header. */
  echoReply(packet: Packet): void;
}

export class IcmpProtocol implements Ipv4Protocol {
  /** Ping sockets, when there are any. */
  echo: EchoReceiver | undefined = undefined;
  readonly #stack: Ipv4Stack;

  constructor(stack: Ipv4Stack) {
    this.#stack = stack;
  }

  /** icmp_rcv() */
  receive(packet: Packet): void {
    const { device, bytes, start, end } = packet;
    const inet = ipv4Of(device.netns);
    const { icmp } = inet;
    icmp.inMsgs++;
    if (!icmpChecksumOk(bytes, start, end)) {
      icmp.inCsumErrors++;
      icmp.inErrors++;
      device.kernel.drop(packet, "ICMP_CSUM", device.name);
      return;
    }
    if (end - start < ICMP_HEADER_LENGTH) {
      this.#bad(inet, packet, "ICMP_INVALID");
      return;
    }
    const type = icmpType(bytes, start);
    icmp.countIn(type);
    if (type > HIGHEST_TYPE) {
      this.#bad(inet, packet, "UNHANDLED_PROTO");
      return;
    }
    const route = packet.route instanceof Route ? packet.route : undefined;
    if (route !== undefined && (route.flags & (RTCF.BROADCAST | RTCF.MULTICAST)) !== 0) {
      const asks = type === IcmpType.ECHO_REQUEST || type === IcmpType.TIMESTAMP;
      if (asks && inet.settings.icmpEchoIgnoreBroadcasts !== 0) {
        this.#bad(inet, packet, "INVALID_PROTO");
        return;
      }
      if (!asks && type !== IcmpType.ADDRESS_MASK_REQUEST && type !== IcmpType.ADDRESS_MASK_REPLY) {
        this.#bad(inet, packet, "INVALID_PROTO");
        return;
      }
    }
    this.#handle(inet, packet, type);
  }

  #handle(inet: Ipv4Netns, packet: Packet, type: number): void {
    const silent = type === IcmpType.ECHO_REQUEST && inet.settings.icmpEchoIgnoreAll !== 0;
    if (packet.traced && !silent) noteDelivery(packet, "ICMP");
    switch (type) {
      case IcmpType.ECHO_REPLY:
        this.echo?.echoReply(packet);
        return;
      case IcmpType.ECHO_REQUEST:
        if (silent) packet.device.kernel.drop(packet, "ICMP_IGNORED", packet.device.name);
        else answer(inet, packet, IcmpType.ECHO_REPLY, packet.copyBytes());
        return;
      case IcmpType.TIMESTAMP:
        this.#timestamp(inet, packet);
        return;
      case IcmpType.DESTINATION_UNREACHABLE:
      case IcmpType.SOURCE_QUENCH:
      case IcmpType.TIME_EXCEEDED:
      case IcmpType.PARAMETER_PROBLEM:
        this.#unreachable(inet, packet, type);
        return;
      case IcmpType.REDIRECT:
        if (packet.length < ICMP_HEADER_LENGTH + IPV4_MIN_HEADER) this.#bad(inet, packet, "ICMP_INVALID");
        else
          this.#report(
            inet,
            packet,
            type,
            icmpCode(packet.bytes, packet.start),
            readU32BE(packet.bytes, packet.start + 4),
          );
        return;
      default:
        return;
    }
  }

  #bad(inet: Ipv4Netns, packet: Packet, reason: "ICMP_INVALID" | "INVALID_PROTO" | "UNHANDLED_PROTO"): void {
    inet.icmp.inErrors++;
    packet.device.kernel.drop(packet, reason, packet.device.name);
  }

  /** icmp_timestamp() */
  #timestamp(inet: Ipv4Netns, packet: Packet): void {
    if (packet.length < TIMESTAMP_LENGTH) {
      this.#bad(inet, packet, "ICMP_INVALID");
      return;
    }
    const reply = packet.bytes.slice(packet.start, packet.start + TIMESTAMP_LENGTH);
    const now = midnightMilliseconds(inet);
    writeU32BE(reply, 12, now);
    writeU32BE(reply, 16, now);
    answer(inet, packet, IcmpType.TIMESTAMP_REPLY, reply);
  }

  /** icmp_unreach() */
  #unreachable(inet: Ipv4Netns, packet: Packet, type: number): void {
    const { bytes, start, end } = packet;
    const quoted = start + ICMP_HEADER_LENGTH;
    if (end - quoted < IPV4_MIN_HEADER || ipv4HeaderLength(bytes, quoted) < IPV4_MIN_HEADER) {
      this.#bad(inet, packet, "ICMP_INVALID");
      return;
    }
    const code = icmpCode(bytes, start);
    let info = 0;
    if (type === IcmpType.DESTINATION_UNREACHABLE) {
      if (code > IcmpUnreachable.PRECEDENCE_CUTOFF) return;
      if (code === IcmpUnreachable.FRAGMENTATION_NEEDED) {
        if (inet.settings.noPmtuDisc === 2) return;
        info = inet.settings.noPmtuDisc === 1 ? 0 : readU16BE(bytes, start + 6);
      }
    } else if (type === IcmpType.PARAMETER_PROBLEM) info = bytes[start + 4] ?? 0;
    else if (type === IcmpType.TIME_EXCEEDED && code === 1) return;
    if (
      inet.settings.icmpIgnoreBogusErrors === 0 &&
      addressType(inet, ipv4Destination(bytes, quoted)) === RTN.BROADCAST
    ) {
      return;
    }
    this.#report(inet, packet, type, code, info);
  }

  /** icmp_socket_deliver() */
  #report(inet: Ipv4Netns, packet: Packet, type: number, code: number, info: number): void {
    const { bytes, end, network } = packet;
    const quoted = packet.start + ICMP_HEADER_LENGTH;
    const transport = quoted + ipv4HeaderLength(bytes, quoted);
    if (transport + 8 > end) {
      inet.icmp.inErrors++;
      return;
    }
    const protocol = ipv4Protocol(bytes, quoted);
    const report: IcmpErrorReport = {
      type,
      code,
      info,
      from: ipv4Source(bytes, network),
      source: ipv4Source(bytes, quoted),
      destination: ipv4Destination(bytes, quoted),
      protocol,
      transport,
    };
    packet.start = quoted;
    for (const receiver of this.#stack.rawReceivers) receiver.error?.(packet, report);
    this.#stack.protocols[protocol]?.error?.(packet, report);
  }

  /** icmp_err(): an error about an ICMP message of this host. */
  error(packet: Packet, error: IcmpErrorReport): void {
    const inet = ipv4Of(packet.device.netns);
    this.learn(inet, packet, error);
  }

  /** What any protocol without own sockets does with an error about it. */
  learn(inet: Ipv4Netns, packet: Packet, error: IcmpErrorReport): void {
    const { type, code, info, source, destination, protocol } = error;
    const request = {
      destination,
      source,
      oif: l3MasterOf(packet.device)?.ifindex ?? 0,
      protocol,
      tos: ipv4Tos(packet.bytes, packet.start) & ROUTING_TOS,
    };
    if (type === IcmpType.DESTINATION_UNREACHABLE && code === IcmpUnreachable.FRAGMENTATION_NEEDED) {
      learnPathMtu(inet, request, info);
    } else if (type === IcmpType.REDIRECT) learnRedirect(inet, request, error.from, info);
  }
}

/** icmp_reply(): sends `message`, an own copy, back with another type. */
function answer(inet: Ipv4Netns, packet: Packet, type: number, message: Uint8Array): void {
  const own = ownAddressFor(inet, packet);
  const echoed = echoedOptions(inet, packet, own);
  if (echoed === "impossible") return;
  const { bytes, network } = packet;
  const destination = ipv4Source(bytes, network);
  const firstHop = echoed?.options.firstHop ?? 0;
  const tos = ipv4Tos(bytes, network);
  const mark = inet.settings.fwmarkReflect === 0 ? 0 : packet.mark;
  const route = routeOutput(inet, {
    destination: firstHop === 0 ? destination : firstHop,
    source: own,
    oif: l3MasterOf(packet.device)?.ifindex ?? 0,
    tos: tos & ROUTING_TOS,
    protocol: IpProtocol.ICMP,
    mark,
  });
  if (typeof route === "number") {
    if (packet.traced) noteUnrouted(packet, destination, route);
    return;
  }
  if (!allowedTo(inet, route, destination, type, 0)) return;
  message[0] = type;
  fillIcmpChecksum(message, 0, message.length);
  sendDatagram(
    inet,
    route,
    {
      source: route.source,
      destination,
      protocol: IpProtocol.ICMP,
      tos,
      options: echoed,
      mark,
      cause: packet,
    },
    message,
  );
}
