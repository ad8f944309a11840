// The one packet that `trace` sends: an echo request, a UDP datagram, a SYN, an ARP request, or a frame as given. It goes through the
// same sockets that any program uses.

import { NetlinkClient } from "../../netlink/client.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import { decodeRoute, encodeRoute } from "../../netlink/rtnl/route.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import type { InetSocket } from "../../system/sockets.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import { writeU16BE } from "../../wire/bytes.ts";
import { ARP_HARDWARE_ETHERNET, ARP_LENGTH, ArpOperation, writeArp } from "../../wire/arp.ts";
import { ETHERNET_HEADER_LENGTH, EtherType, ethType, writeEthernetHeader } from "../../wire/ethernet.ts";
import { fillIcmpChecksum, IcmpType } from "../../wire/icmpv4.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";
import { readIpv4Address } from "../../wire/ipv4-address.ts";
import { BROADCAST_MAC, readMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { interfaceIndex } from "../resolver/interfaces.ts";

export type Probe =
  | { readonly kind: "icmp"; readonly to: ResolvedHost; readonly size: number }
  | { readonly kind: "udp"; readonly to: ResolvedHost; readonly port: number; readonly size: number }
  | { readonly kind: "tcp"; readonly to: ResolvedHost; readonly port: number }
  | { readonly kind: "arp"; readonly to: ResolvedHost }
  | { readonly kind: "frame"; readonly bytes: Uint8Array };

/** Something that keeps a probe from being sent, in words. */
export class ProbeFault extends Error {}

/** Id of echo requests by raw sockets: "PC". */
export const IDENTIFIER = 0x5043;
const PROTOCOL_ICMP = 1;
const PROTOCOL_ICMPV6 = 58;
const PROTOCOL_UDP = 17;
const ECHO_HEADER = 8; // bytes

/** A connection is opened, which sends a SYN, and closed when its answer has been seen. */
function prepareConnection(
  process: Process,
  { family, address, scope }: ResolvedHost,
  port: number,
  device: string | undefined,
): { readonly send: () => void; readonly close: () => void } {
  if (process.system.trace === undefined) throw new ProbeFault("--tcp is not implemented on this system");
  let socket: StreamSocket | undefined;
  return {
    send: () => {
      socket = process.connectStream(
        { family, address, port, scope },
        device === undefined ? {} : { device },
      );
    },
    close: () => socket?.close(),
  };
}

/** The call that sends it, and what to close afterwards. `device`: what it must leave by. Errors: Refusal, ProbeFault. */
export function prepareProbe(
  process: Process,
  probe: Probe,
  device: string | undefined,
): { readonly send: () => void; readonly close: () => void } {
  switch (probe.kind) {
    case "icmp":
      return prepareEcho(process, probe.to, probe.size, device);
    case "udp": {
      const socket = process.inet({ family: probe.to.family, type: "datagram", protocol: PROTOCOL_UDP });
      bindTo(socket, device);
      const address = { address: probe.to.address, port: probe.port, scope: probe.to.scope };
      return { send: () => socket.sendTo(new Uint8Array(probe.size), address), close: () => socket.close() };
    }
    case "tcp":
      return prepareConnection(process, probe.to, probe.port, device);
    case "arp":
    case "frame": {
      const { link, bytes } = probeFrame(process, probe, device);
      return frame(process, link, bytes);
    }
    default: {
      const never: never = probe;
      return never;
    }
  }
}

/** The frame of a probe of the link layer, and the device that it leaves by. Errors: ProbeFault. */
export function probeFrame(
  process: Process,
  probe: Extract<Probe, { kind: "arp" | "frame" }>,
  device: string | undefined,
): { readonly link: string; readonly bytes: Uint8Array } {
  if (probe.kind === "arp") return arpRequest(process, probe.to, device);
  if (device === undefined) throw new ProbeFault("a frame needs a device: add --from DEVICE");
  if (probe.bytes.length < ETHERNET_HEADER_LENGTH) throw new ProbeFault("a frame has at least 14 bytes");
  if (interfaceIndex(process, device) === 0) throw new ProbeFault(`no device ${device}`);
  return { link: device, bytes: probe.bytes };
}

function bindTo(socket: InetSocket, device: string | undefined): void {
  if (device !== undefined) socket.setOption("SO_BINDTODEVICE", device);
}

/** A ping socket, or where those are not allowed a raw one. */
function openEcho(
  process: Process,
  family: "inet" | "inet6",
): { readonly socket: InetSocket; readonly kind: "ping" | "raw" } {
  const protocol = family === "inet" ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
  try {
    return { socket: process.inet({ family, type: "datagram", protocol }), kind: "ping" };
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.errno !== ERRNO.EACCES) throw refusal;
    return { socket: process.inet({ family, type: "raw", protocol }), kind: "raw" };
  }
}

/** What kind of socket a ping gets. */
export function echoSocketKind(process: Process, family: "inet" | "inet6"): "ping" | "raw" {
  const { socket, kind } = openEcho(process, family);
  socket.close();
  return kind;
}

function prepareEcho(
  process: Process,
  to: ResolvedHost,
  size: number,
  device: string | undefined,
): { readonly send: () => void; readonly close: () => void } {
  const { socket } = openEcho(process, to.family);
  bindTo(socket, device);
  const message = new Uint8Array(ECHO_HEADER + size);
  message[0] = to.family === "inet" ? IcmpType.ECHO_REQUEST : Icmpv6Type.ECHO_REQUEST;
  writeU16BE(message, 4, IDENTIFIER);
  writeU16BE(message, 6, 1);
  // A ping socket puts its own id and checksum in, a raw one sends what it is given.
  if (to.family === "inet") fillIcmpChecksum(message, 0, message.length);
  const address = { address: to.address, port: 0, scope: to.scope };
  return { send: () => socket.sendTo(message, address), close: () => socket.close() };
}

function frame(
  process: Process,
  device: string,
  bytes: Uint8Array,
): { readonly send: () => void; readonly close: () => void } {
  const ifindex = interfaceIndex(process, device);
  if (ifindex === 0) throw new ProbeFault(`no device ${device}`);
  const socket = process.packet("raw");
  return {
    send: () => socket.send(bytes, { ifindex, protocol: ethType(bytes, 0) }),
    close: () => socket.close(),
  };
}

/** The device that packets to `to` leave by, and the address that they leave with; undefined without a route. */
function wayTo(process: Process, to: ResolvedHost): { oif: number; source: number } | undefined {
  const socket = process.netlink();
  try {
    const body = encodeRoute({ family: AF.INET, dst: to.address, dstLen: 32 });
    const result = new NetlinkClient(socket).request(RTM.GETROUTE, 0, body);
    const [answer] = result.ok ? result.messages : [];
    const route = answer === undefined ? undefined : decodeRoute(answer.body);
    if (route === undefined || isMalformed(route)) return undefined;
    return {
      oif: route.oif ?? 0,
      source: route.prefsrc === undefined ? 0 : readIpv4Address(route.prefsrc, 0),
    };
  } finally {
    socket.close();
  }
}

function linkOf(process: Process, wanted: number): { name: string; address: Uint8Array } | undefined {
  const socket = process.netlink();
  try {
    const result = new NetlinkClient(socket).request(RTM.GETLINK, 0, encodeLink({ index: wanted }));
    const [answer] = result.ok ? result.messages : [];
    const link = answer === undefined ? undefined : decodeLink(answer.body);
    if (link === undefined || isMalformed(link) || link.ifname === undefined) return undefined;
    return { name: link.ifname, address: link.address ?? new Uint8Array(0) };
  } finally {
    socket.close();
  }
}

function arpRequest(
  process: Process,
  to: ResolvedHost,
  device: string | undefined,
): { readonly link: string; readonly bytes: Uint8Array } {
  if (to.family !== "inet") throw new ProbeFault("ARP is for IPv4 only");
  const way = wayTo(process, to);
  const ifindex = device === undefined ? (way?.oif ?? 0) : interfaceIndex(process, device);
  const link = ifindex === 0 ? undefined : linkOf(process, ifindex);
  if (link === undefined)
    throw new ProbeFault(
      device === undefined
        ? "no route says which device to ask on: add --from DEVICE"
        : `no device ${device}`,
    );
  if (link.address.length !== 6) throw new ProbeFault(`${link.name} has no Ethernet address`);
  const mac = readMac(link.address, 0);
  const bytes = new Uint8Array(ETHERNET_HEADER_LENGTH + ARP_LENGTH);
  writeEthernetHeader(bytes, 0, BROADCAST_MAC, mac, EtherType.ARP);
  const request = {
    kind: "ipv4",
    hardwareType: ARP_HARDWARE_ETHERNET,
    operation: ArpOperation.REQUEST,
    senderMac: mac,
    senderIp: way?.source ?? 0,
    targetMac: 0,
    targetIp: readIpv4Address(to.address, 0),
  } as const;
  writeArp(request, bytes, ETHERNET_HEADER_LENGTH);
  return { link: link.name, bytes };
}
