// A device on top of another one that takes its frames for it: VLANs and the like.

import { syncAddresses } from "./address-sync.ts";
import { NetDevice } from "./device.ts";
import type { Netns } from "./netns.ts";

export abstract class StackedDevice extends NetDevice {
  /** The device below. */
  abstract get lower(): NetDevice;

  override rxModeChanged(): void {
    if (this.up) syncAddresses(this, this.lower);
  }

  override get iflink(): number {
    return this.lower.ifindex;
  }

  override get linkNetns(): Netns {
    return this.lower.netns;
  }

  override get filtersUnicast(): boolean {
    return true;
  }
}
