// The GRE tunnels of a namespace (struct ip_tunnel_net): those that carry IP packets and those that carry frames are apart. Which one
// a packet belongs to follows from its ends and its key (ip_tunnel_lookup).

import type { Netns } from "../../kernel/netns.ts";
import { Slot } from "../../kernel/slot.ts";
import { GRE_KEY } from "../../wire/gre.ts";
import type { GreHeader } from "../../wire/gre.ts";
import type { Ipv4Address } from "../../wire/ipv4-address.ts";
import type { GreConfig } from "./config.ts";
import type { GreDevice } from "./device.ts";

export type Carried = "packets" | "frames" | "erspan";

export class GreTable {
  /** Newest first. */
  readonly devices: GreDevice[] = [];
  /** gre0 and its like, which take what no other does. */
  fallback: GreDevice | undefined = undefined;

  add(device: GreDevice): void {
    this.devices.unshift(device);
  }

  remove(device: GreDevice): void {
    const at = this.devices.indexOf(device);
    if (at >= 0) this.devices.splice(at, 1);
    if (this.fallback === device) this.fallback = undefined;
  }

  /** ip_tunnel_find(): a tunnel with the same ends and key, or another that leaves both to its packets. */
  same(config: GreConfig): GreDevice | undefined {
    return this.devices.find((device) => {
      const other = device.config;
      if (config.external || other.external) return config.external && other.external;
      return (
        other.local === config.local &&
        other.remote === config.remote &&
        other.link === config.link &&
        (other.inputFlags & GRE_KEY) === (config.inputFlags & GRE_KEY) &&
        other.inputKey === config.inputKey
      );
    });
  }

  /** `link`: ifindex of the device that the packet came in on. */
  find(
    source: Ipv4Address,
    destination: Ipv4Address,
    header: GreHeader,
    link: number,
  ): GreDevice | undefined {
    const matches = (local: Ipv4Address, remote: Ipv4Address) => {
      const found = this.devices.filter(
        ({ config, up }) =>
          up &&
          !config.external &&
          config.local === local &&
          config.remote === remote &&
          keyFits(config, header),
      );
      return found.find(({ config }) => config.link === link) ?? found[0];
    };
    return (
      matches(destination, source) ??
      matches(0, source) ??
      matches(destination, 0) ??
      (header.flags & GRE_KEY ? matches(0, 0) : undefined) ??
      this.devices.find(({ config, up }) => up && config.external) ??
      (this.fallback?.up === true ? this.fallback : undefined)
    );
  }
}

/** ip_tunnel_key_match() */
function keyFits({ inputFlags, inputKey }: GreConfig, { flags, key }: GreHeader): boolean {
  if ((inputFlags & GRE_KEY) === 0) return (flags & GRE_KEY) === 0;
  return (flags & GRE_KEY) !== 0 && key === inputKey;
}

class GreNetns {
  readonly packets = new GreTable();
  readonly frames = new GreTable();
  readonly erspan = new GreTable();
}

const slot = new Slot<GreNetns>();

export function greOf(netns: Netns): GreNetns {
  let found = slot.of(netns);
  if (found === undefined) slot.set(netns, (found = new GreNetns()));
  return found;
}
