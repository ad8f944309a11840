// A device that is in no namespace: what a netdev of Open vSwitch looks like to a datapath if it lives in the daemon alone
// (lib/netdev-dummy.c). Frames that are sent on it go to whoever made it.

import { AddressList } from "../../kernel/address-list.ts";
import { NetDevice, IFF } from "../../kernel/device.ts";
import type { VportReceiver } from "../../kernel/device-vport.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Packet } from "../../kernel/packet.ts";

export class DetachedDevice extends NetDevice {
  readonly #sent: VportReceiver;

  constructor(kernel: Kernel, name: string, sent: VportReceiver) {
    const lists = { multicast: new AddressList(), unicast: new AddressList() };
    super(kernel, kernel.init, name, undefined, lists, { flags: IFF.UP | IFF.BROADCAST | IFF.MULTICAST });
    this.#sent = sent;
    // it counts as there for as long as it is used
    this.registered = true;
  }

  transmit(packet: Packet): void {
    packet.device = this;
    this.#sent(packet);
  }
}
