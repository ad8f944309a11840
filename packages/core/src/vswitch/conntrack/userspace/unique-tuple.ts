// Which tuple the daemon's tracker gives a connection that is translated (nat_get_unique_tuple of Open vSwitch's lib/conntrack.c):
// ports are tried from where they are, upward and around, and where the destination's does not help the source's changes too.

import type { Tuple } from "../../../ovsproto/datapath/connection.ts";
import type { Nat } from "../../../ovsproto/openflow/actions.ts";
import { addressOf } from "../nat.ts";

const TCP = 6;
const UDP = 17;

interface PortSearch {
  readonly first: number;
  readonly min: number;
  readonly max: number;
}

/** A range that the action gives: its first port stands for what the original draws at random. */
function wantedPorts(ports: NonNullable<Nat["ports"]>, port: number): PortSearch {
  const { min, max = min } = ports;
  return { first: port >= min && port <= max ? port : min, min, max };
}

/** set_sport_range() */
function sourcePorts({ direction, ports }: Nat, port: number): PortSearch {
  if (direction === "src" && ports) return wantedPorts(ports, port);
  if (port < 512) return { first: port, min: 1, max: 511 };
  return port < 1024 ? { first: port, min: 600, max: 1023 } : { first: port, min: 1024, max: 0xffff };
}

/** nat_get_unique_l4() */
function search(
  { first, min, max }: PortSearch,
  made: (port: number) => Tuple,
  taken: (candidate: Tuple) => boolean,
): Tuple | undefined {
  let port = first;
  do {
    const candidate = made(port);
    if (!taken(candidate)) return candidate;
    port = port === max ? min : port + 1;
  } while (port !== first);
  return undefined;
}

/** How a packet of the original direction looks after translation; undefined if all that would do are taken. */
export function uniqueTuple(nat: Nat, tuple: Tuple, taken: (candidate: Tuple) => boolean): Tuple | undefined {
  const end = nat.direction === "dst" ? "destination" : "source";
  const moved: Tuple = { ...tuple, [end]: addressOf(nat, tuple, end) };
  if (tuple.protocol !== TCP && tuple.protocol !== UDP) return taken(moved) ? undefined : moved;
  let destinationPort = tuple.destinationPort;
  if (end === "destination" && nat.ports) {
    const ports = wantedPorts(nat.ports, destinationPort);
    const found = search(ports, (port) => ({ ...moved, destinationPort: port }), taken);
    if (found) return found;
    destinationPort = ports.first;
  }
  const made = (sourcePort: number): Tuple => ({ ...moved, destinationPort, sourcePort });
  return search(sourcePorts(nat, tuple.sourcePort), made, taken);
}
