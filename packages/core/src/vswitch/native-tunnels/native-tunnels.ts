// What the switch knows for tunnels that it wraps itself: routes, neighbours, UDP source ports, and the devices whose addresses
// tunnels may end at (lib/tnl-ports.c).

import type { DatapathClock } from "../datapath/datapath.ts";
import type { MacAddress } from "../../wire/mac.ts";
import type { Prefix } from "./mapped-address.ts";
import { Neighbours } from "./neighbours.ts";
import type { SourcePorts } from "./push-header.ts";
import { Routes } from "./routes.ts";

/** A device of the switch with IP addresses of its own. */
export interface AddressedDevice {
  readonly address: MacAddress;
  readonly addresses: readonly Prefix[];
}

export class NativeTunnels {
  readonly routes = new Routes();
  readonly neighbours: Neighbours;
  /** Devices that routes lead through. */
  readonly devices = new Set<string>();
  readonly sourcePorts: SourcePorts = { least: 32768, most: 61000 };
  /** The device of that name, if it is one whose addresses the switch knows. */
  readonly deviceNamed: (name: string) => AddressedDevice | undefined;

  constructor(clock: DatapathClock, deviceNamed: (name: string) => AddressedDevice | undefined) {
    this.neighbours = new Neighbours(clock);
    this.deviceNamed = deviceNamed;
  }
}
