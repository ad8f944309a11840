// gre and gretap (net/ipv4/ip_gre.c, net/ipv4/ip_tunnel.c; RFC 2784, RFC 2890): packets of any protocol, or Ethernet frames, inside
// IPv4. Sending is in encapsulate.ts, receiving in decapsulate.ts.

import { AddressList } from "../../kernel/address-list.ts";
import { ARPHRD, IFF, NetDevice } from "../../kernel/device.ts";
import { FEATURES, featureSet } from "../../kernel/ethtool/features.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { ETHERNET_HEADER_LENGTH } from "../../wire/ethernet.ts";
import { greHeaderLength } from "../../wire/gre.ts";
import { isMulticastIpv4 } from "../../wire/ipv4-address.ts";
import { IPV4_MIN_HEADER } from "../../wire/ipv4.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { isValidStationMac } from "../../wire/mac.ts";
import type { GreConfig } from "./config.ts";
import { transmitPacket } from "./encapsulate.ts";
import type { Carried, GreTable } from "./tunnels.ts";
import { greOf } from "./tunnels.ts";

const IP_MAX_MTU = 0xffff;
const MIN_MTU = 68;

const OFFLOADS =
  FEATURES.scatterGather |
  FEATURES.gsoSoftware |
  featureSet("tx-checksum-ip-generic", "highdma", "tx-scatter-gather-fraglist");

export class GreDevice extends NetDevice {
  readonly config: GreConfig;
  readonly carries: Carried;
  /** The namespace that it sends and listens in; it may have moved out of that. */
  readonly home: Netns;
  /** Sequence numbers (RFC 2890, 2.2): of the next packet out, and the least that may come in. */
  outputSequence = 0;
  inputSequence = 0;

  constructor(
    kernel: Kernel,
    netns: Netns,
    name: string,
    kind: LinkKind,
    home: Netns,
    config: GreConfig,
    carries: Carried,
  ) {
    const lists = { multicast: new AddressList(), unicast: new AddressList() };
    const { local, remote } = config;
    const flags = isMulticastIpv4(remote) ? IFF.BROADCAST : IFF.NOARP | (remote === 0 ? 0 : IFF.POINTOPOINT);
    super(
      kernel,
      netns,
      name,
      kind,
      lists,
      carries === "packets"
        ? {
            hardwareType: config.external ? ARPHRD.NONE : ARPHRD.IPGRE,
            addressLength: 4,
            address: local,
            broadcast: remote,
            flags,
            mtu: 0,
            minMtu: 0,
            maxMtu: 0,
          }
        : { maxMtu: 0, noQueue: false },
    );
    this.home = home;
    this.config = config;
    this.carries = carries;
  }

  get table(): GreTable {
    return greOf(this.home)[this.carries];
  }

  /** Bytes in front of a packet: outer headers and, for frames, the link-layer header inside (t_hlen). */
  get overhead(): number {
    const erspan = this.carries === "erspan" ? 8 + 4 : 0; // its own header, and a sequence number
    const frame = this.carries === "packets" ? 0 : ETHERNET_HEADER_LENGTH;
    return IPV4_MIN_HEADER + greHeaderLength(this.config.outputFlags) + erspan + frame;
  }

  transmit(packet: Packet): void {
    transmitPacket(this, packet);
  }

  /** ip_tunnel_get_iflink() */
  override get iflink(): number {
    return this.config.link;
  }

  override get linkNetns(): Netns {
    return this.home;
  }

  /** ip_tunnel_change_mtu() */
  override changeMtu(mtu: number): void {
    if (mtu < MIN_MTU || mtu > IP_MAX_MTU - this.overhead) throw new Refusal(ERRNO.EINVAL);
    this.mtu = mtu;
  }

  override changeAddress(address: MacAddress): void {
    if (this.carries === "packets") throw new Refusal(ERRNO.EOPNOTSUPP);
    if (!isValidStationMac(address)) throw new Refusal(ERRNO.EADDRNOTAVAIL);
    this.address = address;
  }

  override get takesTunnelMetadata(): boolean {
    return this.config.external;
  }

  override get ethtool(): EthtoolOperations {
    const name = this.kind?.kind ?? "gre";
    return {
      driver: { name, version: "", firmwareVersion: "", busInformation: "" },
      features: { active: OFFLOADS | featureSet("tx-lockless"), changeable: OFFLOADS },
      link: true,
    };
  }

  /** A tag is in the bytes of what is carried. */
  override get vlanOffload(): boolean {
    return false;
  }

  /** gre0 and its like belong to their namespace. */
  override get netnsLocal(): boolean {
    return this.table.fallback === this;
  }

  override beforeUnregister(): void {
    this.table.remove(this);
  }
}
