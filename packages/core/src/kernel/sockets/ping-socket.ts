// Ping sockets (net/ipv4/ping.c, net/ipv6/ping.c): ICMP echo without raw sockets, for groups of users that
// net.ipv4.ping_group_range names. The id of the echo request is the socket's port; only replies with it come back.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { SendOptions } from "../../system/sockets.ts";
import { writeU16BE } from "../../wire/bytes.ts";
import { pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { fillIcmpChecksum, ICMP_HEADER_LENGTH, IcmpType } from "../../wire/icmpv4.ts";
import { fillIcmpv6Checksum, Icmpv6Type } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { Netns } from "../netns.ts";
import { Slot } from "../slot.ts";
import type { IpAddress } from "./ip-address.ts";
import type { SocketPlace, Target } from "./ip-socket.ts";
import { IpSocket } from "./ip-socket.ts";
import * as ipv4 from "./ipv4-flow.ts";
import * as ipv6 from "./ipv6-flow.ts";
import { PortTable } from "./port-table.ts";

const FIRST_ID = 1;
const LAST_ID = 0xffff;
/** Group of the superuser, which all processes of the embedded host belong to. */
const OWN_GROUP = 0;

const tables = new Slot<PortTable<PingSocket>>();

/** The ping sockets of a namespace, both families: they share their ids. */
export function pingSockets(netns: Netns): PortTable<PingSocket> {
  let table = tables.of(netns);
  if (table === undefined) tables.set(netns, (table = new PortTable()));
  return table;
}

export class PingSocket extends IpSocket {
  readonly rawProtocol = undefined;
  readonly kindName = "ping socket";

  /** Errors: EACCES unless ping_group_range holds the caller's group. */
  constructor(place: SocketPlace) {
    const { pingGroupFirst, pingGroupLast } = ipv4Of(place.netns).settings;
    if (OWN_GROUP < pingGroupFirst || OWN_GROUP > pingGroupLast) throw new Refusal(ERRNO.EACCES);
    super(place);
  }

  protected takePort(wanted: number): void {
    this.port = pingSockets(this.netns).take(this, wanted, FIRST_ID, LAST_ID);
  }

  protected releasePort(): void {
    pingSockets(this.netns).release(this);
    this.port = 0;
  }

  protected autobind(): void {
    if (this.port === 0) this.takePort(0);
  }

  protected checkLocal(address: IpAddress | undefined, scope: number): void {
    if (this.family === "inet6" && typeof address === "number") throw new Refusal(ERRNO.EADDRNOTAVAIL);
    if (typeof address === "number") ipv4.checkBind(this.netns, address, false, this.options.boundDevice);
    else if (address !== undefined) ipv6.checkBind(this.netns, address, scope, this.options.boundDevice);
  }

  override get takesIpv4(): boolean {
    return this.family === "inet";
  }

  override portsTo(): { readonly sourcePort: number; readonly destinationPort: number } {
    return { sourcePort: 0, destinationPort: 0 };
  }

  /** The program writes the whole echo request; its id and checksum are the kernel's. */
  protected transmit(bytes: Uint8Array, to: Target, options: SendOptions): void {
    if (bytes.length < ICMP_HEADER_LENGTH) throw new Refusal(ERRNO.EINVAL);
    const request = this.family === "inet" ? IcmpType.ECHO_REQUEST : Icmpv6Type.ECHO_REQUEST;
    if (bytes[0] !== request || bytes[1] !== 0) throw new Refusal(ERRNO.EINVAL);
    const message = bytes.slice();
    writeU16BE(message, 4, this.port);
    if (typeof to.address === "number") {
      if (this.family === "inet6") throw new Refusal(ERRNO.EINVAL);
      const flow = ipv4.routeDatagram(this, to.address, this.portsTo(), options);
      ipv4.checkLength(this, flow, message.length, 0);
      fillIcmpChecksum(message, 0, message.length);
      ipv4.send(this, flow, message, IpProtocol.ICMP, options);
    } else {
      const flow = ipv6.routeDatagram(this, to.address, this.portsTo(), { ...options, scope: to.scope });
      ipv6.checkLength(this, flow, message.length, 0);
      const sum = pseudoHeaderSumV6(flow.source, flow.destination, IpProtocol.ICMPV6, message.length);
      fillIcmpv6Checksum(message, 0, message.length, sum);
      ipv6.send(this, flow, message, IpProtocol.ICMPV6, options);
    }
  }
}
