// What the switch knows for tunnels that it wraps itself: routes, neighbours, UDP source ports, and the devices whose addresses
// tunnels may end at (lib/tnl-ports.c).

import type { DatapathClock } from "../datapath/datapath.ts";
import { Neighbours } from "./neighbours.ts";
import { Routes } from "./routes.ts";

export class NativeTunnels {
  readonly routes = new Routes();
  readonly neighbours: Neighbours;
  /** Devices that routes lead through. */
  readonly devices = new Set<string>();
  sourcePorts = { least: 32768, most: 61000 };

  constructor(clock: DatapathClock) {
    this.neighbours = new Neighbours(clock);
  }
}
