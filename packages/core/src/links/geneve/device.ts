// geneve (drivers/net/geneve.c; RFC 8926): an Ethernet device whose frames travel in UDP datagrams to one remote end, or where
// the packet says. Sending is in encapsulate.ts, receiving in decapsulate.ts.

import { AddressList } from "../../kernel/address-list.ts";
import { NetDevice } from "../../kernel/device.ts";
import { FEATURES, featureSet } from "../../kernel/ethtool/features.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import type { Netns } from "../../kernel/netns.ts";
import type { Packet } from "../../kernel/packet.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { GENEVE_OVERHEAD_V4, GENEVE_OVERHEAD_V6 } from "../../wire/geneve.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { isValidStationMac } from "../../wire/mac.ts";
import type { GeneveConfig } from "./config.ts";
import { receiveTunnelled } from "./decapsulate.ts";
import { transmitFrame } from "./encapsulate.ts";
import type { GeneveSocket } from "./sockets.ts";
import { joinSocket, leaveSocket } from "./sockets.ts";

const IP_MAX_MTU = 0xffff;

const OFFLOADS =
  FEATURES.scatterGather |
  FEATURES.gsoSoftware |
  featureSet("tx-checksum-ip-generic", "rx-checksum", "tx-scatter-gather-fraglist");

const geneveEthtool: EthtoolOperations = {
  driver: { name: "geneve", version: "0.6", firmwareVersion: "", busInformation: "" },
  features: { active: OFFLOADS | featureSet("tx-lockless"), changeable: OFFLOADS },
  link: true,
};

export class GeneveDevice extends NetDevice {
  config: GeneveConfig;
  /** The namespace that it sends and listens in; it may have moved out of that. */
  readonly home: Netns;
  socket4: GeneveSocket | undefined = undefined;
  socket6: GeneveSocket | undefined = undefined;

  constructor(kernel: Kernel, netns: Netns, name: string, kind: LinkKind, home: Netns, config: GeneveConfig) {
    const lists = { multicast: new AddressList(), unicast: new AddressList() };
    const v4 = !config.external && typeof config.remote === "number";
    const overhead = v4 ? GENEVE_OVERHEAD_V4 : GENEVE_OVERHEAD_V6;
    super(kernel, netns, name, kind, lists, { maxMtu: IP_MAX_MTU - overhead });
    this.home = home;
    this.config = config;
  }

  /** Bytes of the headers around a frame, without options. */
  get overhead(): number {
    return typeof this.config.remote === "number" ? GENEVE_OVERHEAD_V4 : GENEVE_OVERHEAD_V6;
  }

  transmit(packet: Packet): void {
    transmitFrame(this, packet);
  }

  /** geneve_open() */
  override open(): void {
    const { external, remote } = this.config;
    const v6 = typeof remote !== "number";
    try {
      if (v6 || external) this.socket6 = joinSocket(this, "inet6", receiveTunnelled);
      if (!v6 || external) this.socket4 = joinSocket(this, "inet", receiveTunnelled);
    } catch (refusal) {
      this.#closeSockets();
      throw refusal;
    }
  }

  /** geneve_stop() */
  override stop(): void {
    this.#closeSockets();
  }

  #closeSockets(): void {
    for (const socket of [this.socket4, this.socket6]) if (socket) leaveSocket(this, socket);
    this.socket4 = undefined;
    this.socket6 = undefined;
  }

  /** geneve_change_mtu() */
  override changeMtu(mtu: number): void {
    this.mtu = Math.min(mtu, this.maxMtu);
  }

  override changeAddress(address: MacAddress): void {
    if (!isValidStationMac(address)) throw new Refusal(ERRNO.EADDRNOTAVAIL);
    this.address = address;
  }

  override get takesTunnelMetadata(): boolean {
    return this.config.external;
  }

  override get ethtool(): EthtoolOperations {
    return geneveEthtool;
  }

  /** A tag is in the bytes of what is carried. */
  override get vlanOffload(): boolean {
    return false;
  }
}
