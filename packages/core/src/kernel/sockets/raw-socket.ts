// Raw sockets (raw(7); net/ipv4/raw.c, net/ipv6/raw.c): everything of one IP protocol. IPv4 ones get whole packets and may write
// the IP header themselves; IPv6 ones see only what follows the headers, and ICMPv6 checksums are the kernel's business.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { SendOptions } from "../../system/sockets.ts";
import { readU32BE } from "../../wire/bytes.ts";
import { pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { fillIcmpv6Checksum, ICMPV6_HEADER_LENGTH } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  IPV4_MIN_HEADER,
  ipv4HeaderLength,
  ipv4Id,
  ipv4Protocol,
  setIpv4Id,
  setIpv4Source,
} from "../../wire/ipv4.ts";
import { nextId, sendLocal } from "../ipv4/output.ts";
import type { Netns } from "../netns.ts";
import { Packet } from "../packet.ts";
import { Slot } from "../slot.ts";
import type { IpAddress, SocketFamily } from "./ip-address.ts";
import type { SocketPlace, Target } from "./ip-socket.ts";
import { IpSocket } from "./ip-socket.ts";
import * as ipv4 from "./ipv4-flow.ts";
import * as ipv6 from "./ipv6-flow.ts";

interface RawTables {
  readonly inet: RawSocket[];
  readonly inet6: RawSocket[];
}

const tables = new Slot<RawTables>();

/** The raw sockets of a namespace, in the order of opening. */
export function rawSockets(netns: Netns, family: SocketFamily): RawSocket[] {
  let table = tables.of(netns);
  if (table === undefined) tables.set(netns, (table = { inet: [], inet6: [] }));
  return table[family];
}

export class RawSocket extends IpSocket {
  readonly rawProtocol: number;
  readonly kindName = "raw socket";

  constructor(place: SocketPlace) {
    super(place);
    this.rawProtocol = place.protocol;
    this.port = place.protocol;
    this.options.headerIncluded = place.protocol === IpProtocol.RAW;
    rawSockets(this.netns, this.family).push(this);
  }

  override get bound(): boolean {
    return false;
  }

  protected takePort(): void {}

  protected releasePort(): void {
    const list = rawSockets(this.netns, this.family);
    const index = this.closed ? list.indexOf(this) : -1;
    if (index >= 0) list.splice(index, 1);
  }

  protected autobind(): void {}

  protected checkLocal(address: IpAddress | undefined, scope: number): void {
    if (this.family === "inet6" && typeof address === "number") throw new Refusal(ERRNO.EADDRNOTAVAIL);
    if (typeof address === "number") ipv4.checkBind(this.netns, address, true, this.options.boundDevice);
    else if (address !== undefined) ipv6.checkBind(this.netns, address, scope, this.options.boundDevice);
  }

  override portsTo(): { readonly sourcePort: number; readonly destinationPort: number } {
    return { sourcePort: 0, destinationPort: 0 };
  }

  /** Without a transport header of the kernel's, memory is taken by another way (ip_append_data with transhdrlen 0). */
  protected override get tellsPendingOnSend(): boolean {
    return this.options.headerIncluded;
  }

  protected transmit(bytes: Uint8Array, to: Target, options: SendOptions): void {
    if (typeof to.address === "string") this.#sendIpv6(bytes, to, options);
    else if (this.family === "inet6") throw new Refusal(ERRNO.ENETUNREACH);
    else if (this.options.headerIncluded) this.#sendWithHeader(bytes, to, options);
    else {
      const flow = ipv4.routeDatagram(this, to.address, this.portsTo(), options);
      ipv4.checkLength(this, flow, bytes.length, this.remotePort);
      ipv4.send(this, flow, bytes, this.protocol, options);
    }
  }

  /** raw_send_hdrinc(): length and checksum are filled in, source and identification if they are 0. */
  #sendWithHeader(bytes: Uint8Array, to: Target, options: SendOptions): void {
    if (this.options.ipOptions !== undefined) throw new Refusal(ERRNO.EINVAL);
    const flow = ipv4.routeDatagram(this, to.address as number, this.portsTo(), options);
    const { inet, route } = flow;
    if (bytes.length > route.device.mtu) {
      ipv4.reportTooLong(this, flow, route.device.mtu, this.remotePort);
      throw new Refusal(ERRNO.EMSGSIZE);
    }
    const header = bytes.length < IPV4_MIN_HEADER ? Infinity : ipv4HeaderLength(bytes, 0);
    if (header > bytes.length) throw new Refusal(ERRNO.EINVAL);
    const packet = Packet.copyOf(route.device, bytes);
    const { start } = packet;
    packet.mark = this.options.mark;
    packet.priority = this.options.priority;
    packet.transport = start + header;
    if (readU32BE(bytes, 12) === 0) setIpv4Source(packet.bytes, start, flow.source);
    if (ipv4Id(bytes, 0) === 0) setIpv4Id(packet.bytes, start, nextId(inet));
    if (ipv4Protocol(bytes, 0) === IpProtocol.ICMP && header < bytes.length)
      inet.icmp.countOut(bytes[header] ?? 0);
    const errno = sendLocal(inet, packet, route, { by: this.kindName });
    if (errno !== 0 && (errno !== ERRNO.ENOBUFS || this.options.receiveErrors)) throw new Refusal(errno);
  }

  #sendIpv6(bytes: Uint8Array, to: Target, options: SendOptions): void {
    if (typeof to.address !== "string") return;
    const flow = ipv6.routeDatagram(this, to.address, this.portsTo(), { ...options, scope: to.scope });
    ipv6.checkLength(this, flow, bytes.length, this.remotePort);
    const message = bytes.slice();
    if (this.protocol === IpProtocol.ICMPV6) {
      if (message.length < ICMPV6_HEADER_LENGTH) throw new Refusal(ERRNO.EINVAL);
      const sum = pseudoHeaderSumV6(flow.source, flow.destination, this.protocol, message.length);
      fillIcmpv6Checksum(message, 0, message.length, sum);
    }
    ipv6.send(this, flow, message, this.protocol, options);
  }
}
