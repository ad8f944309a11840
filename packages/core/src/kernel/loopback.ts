// The loopback device (drivers/net/loopback.c): what is sent on it comes in on it.

import { ETHERNET_HEADER_LENGTH } from "../wire/ethernet.ts";
import { AddressList } from "./address-list.ts";
import { ARPHRD, IFF, NetDevice } from "./device.ts";
import { loopbackEthtool } from "./ethtool/loopback.ts";
import type { EthtoolOperations } from "./ethtool/operations.ts";
import type { Kernel } from "./kernel.ts";
import type { Netns } from "./netns.ts";
import type { Packet } from "./packet.ts";
import { netifRx } from "./receive.ts";

const MTU = 65536;
const TSO_MAX_SIZE = 524280; // GSO_MAX_SIZE: 8 * 65535

export class LoopbackDevice extends NetDevice {
  constructor(kernel: Kernel, netns: Netns) {
    super(
      kernel,
      netns,
      "lo",
      undefined,
      { multicast: new AddressList(), unicast: new AddressList() },
      {
        hardwareType: ARPHRD.LOOPBACK,
        flags: IFF.LOOPBACK,
        mtu: MTU,
        minMtu: 0,
        maxMtu: 0,
        broadcast: 0,
        tsoMaxSize: TSO_MAX_SIZE,
      },
    );
    this.nameAssignType = 2; // NET_NAME_PREDICTABLE
  }

  transmit(packet: Packet): void {
    const { statistics } = this;
    const length = packet.length - ETHERNET_HEADER_LENGTH; // counted when the header is off already
    statistics.txPackets++;
    statistics.txBytes += length;
    statistics.rxPackets++;
    statistics.rxBytes += length;
    netifRx(packet, this);
  }

  override get ethtool(): EthtoolOperations {
    return loopbackEthtool;
  }

  override get netnsLocal(): boolean {
    return true;
  }
}
