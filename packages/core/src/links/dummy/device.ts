// dummy (drivers/net/dummy.c): an Ethernet device that counts and forgets what is sent on it.

import { AddressList } from "../../kernel/address-list.ts";
import { registerDevice } from "../../kernel/device-register.ts";
import { carrierOff, carrierOn } from "../../kernel/device-state.ts";
import { IFF, NetDevice } from "../../kernel/device.ts";
import type { EthtoolOperations } from "../../kernel/ethtool/operations.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { LinkKind } from "../../kernel/link-kind.ts";
import { configureNew, requireStationAddress } from "../../kernel/netlink/link-request.ts";
import type { Netns } from "../../kernel/netns.ts";
import { noteDelivery } from "../../kernel/journey.ts";
import type { Packet } from "../../kernel/packet.ts";
import { dummyEthtool } from "./ethtool.ts";

class DummyDevice extends NetDevice {
  constructor(kernel: Kernel, netns: Netns, name: string) {
    super(
      kernel,
      netns,
      name,
      dummyKind,
      { multicast: new AddressList(), unicast: new AddressList() },
      {
        flags: IFF.BROADCAST | IFF.NOARP,
        minMtu: 0,
        maxMtu: 0,
      },
    );
  }

  transmit(packet: Packet): void {
    this.statistics.txPackets++;
    this.statistics.txBytes += packet.length;
    if (packet.traced) noteDelivery(packet, "dummy device, where everything ends");
  }

  override changeCarrier(on: boolean): void {
    if (on) carrierOn(this);
    else carrierOff(this);
  }

  override get ethtool(): EthtoolOperations {
    return dummyEthtool;
  }
}

export const dummyKind: LinkKind = {
  kind: "dummy",
  validate: requireStationAddress,
  create({ kernel, netns, name, nameAssignType, message }) {
    const device = new DummyDevice(kernel, netns, name);
    device.nameAssignType = nameAssignType;
    configureNew(device, message);
    if (message.address === undefined) {
      device.address = kernel.random.mac();
      device.addressAssignType = 1;
    }
    registerDevice(device, message.index);
    return device;
  },
  remove: (device) => [device],
};
