// UDP sockets (net/ipv4/udp.c, net/ipv6/udp.c; RFC 768): ports and sending. What comes in is sorted in udp-receive.ts.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { SendOptions } from "../../system/sockets.ts";
import { pseudoHeaderSumV4, pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { UDP_HEADER_LENGTH, writeUdp } from "../../wire/udp.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { Netns } from "../netns.ts";
import type { Packet } from "../packet.ts";
import { Slot } from "../slot.ts";
import type { IpAddress } from "./ip-address.ts";
import type { Target } from "./ip-socket.ts";
import { IpSocket } from "./ip-socket.ts";
import * as ipv4 from "./ipv4-flow.ts";
import * as ipv6 from "./ipv6-flow.ts";
import { PortTable } from "./port-table.ts";
import type { QueuedDatagram } from "./socket-queues.ts";
import { udpCounters } from "./udp-counters.ts";

const tables = new Slot<PortTable<UdpSocket>>();

/** The UDP sockets of a namespace. */
export function udpSockets(netns: Netns): PortTable<UdpSocket> {
  let table = tables.of(netns);
  if (table === undefined) tables.set(netns, (table = new PortTable()));
  return table;
}

export class UdpSocket extends IpSocket {
  readonly rawProtocol = undefined;
  /** Takes datagrams instead of the queue (encap_rcv): packets that start after the UDP header. */
  encapsulation: ((packet: Packet) => void) | undefined = undefined;
  /** Datagrams over IPv6 may come without a checksum (RFC 6935). */
  acceptsZeroChecksum = false;
  readonly kindName = "UDP socket";

  protected takePort(wanted: number): void {
    const { localPortFirst, localPortLast } = ipv4Of(this.netns).settings;
    this.port = udpSockets(this.netns).take(this, wanted, localPortFirst, localPortLast);
  }

  protected releasePort(): void {
    udpSockets(this.netns).release(this);
    this.port = 0;
  }

  protected autobind(): void {
    if (this.port === 0) this.takePort(0);
  }

  protected checkLocal(address: IpAddress | undefined, scope: number): void {
    if (typeof address === "number") ipv4.checkBind(this.netns, address, true, this.options.boundDevice);
    else if (address !== undefined) ipv6.checkBind(this.netns, address, scope, this.options.boundDevice);
  }

  protected transmit(bytes: Uint8Array, to: Target, options: SendOptions): void {
    if (to.port === 0) throw new Refusal(ERRNO.EINVAL);
    const ports = this.portsTo(to.port);
    const datagram = { sourcePort: this.port, destinationPort: to.port, payload: bytes };
    const length = UDP_HEADER_LENGTH + bytes.length;
    const message = new Uint8Array(length);
    const counters = udpCounters(this.netns);
    if (typeof to.address === "number") {
      const flow = ipv4.routeDatagram(this, to.address, ports, options);
      ipv4.checkLength(this, flow, length, this.remotePort);
      writeUdp(datagram, message, 0, pseudoHeaderSumV4(flow.source, flow.target, IpProtocol.UDP, length));
      ipv4.send(this, flow, message, IpProtocol.UDP, options);
      counters.ipv4.outDatagrams++;
    } else {
      const flow = ipv6.routeDatagram(this, to.address, ports, { ...options, scope: to.scope });
      ipv6.checkLength(this, flow, length, to.port);
      writeUdp(
        datagram,
        message,
        0,
        pseudoHeaderSumV6(flow.source, flow.destination, IpProtocol.UDP, length),
      );
      ipv6.send(this, flow, message, IpProtocol.UDP, options);
      counters.ipv6.outDatagrams++;
    }
  }

  protected override received(datagram: QueuedDatagram): void {
    const counters = udpCounters(this.netns);
    (typeof datagram.local === "number" ? counters.ipv4 : counters.ipv6).inDatagrams++;
  }
}
