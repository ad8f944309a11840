// The layers of the embedded kernel, in the order in which Linux starts them: later ones see a device event later.

import { installIpv4 } from "./ipv4/ipv4.ts";
import { installIpv6 } from "./ipv6/ipv6.ts";
import type { Kernel } from "./kernel.ts";
import { installNeighbours } from "./neighbour/family.ts";
import { installNeighbourTables } from "./neighbour/table-family.ts";
import { installNexthops } from "./nexthop/family.ts";
import { installSockets } from "./sockets/install.ts";

export const layers: readonly ((kernel: Kernel) => void)[] = [
  installNeighbours,
  installNeighbourTables,
  installNexthops,
  installIpv4,
  installIpv6,
  installSockets,
];
