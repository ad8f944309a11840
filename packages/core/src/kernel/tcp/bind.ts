// Who may have which port (inet_csk_bind_conflict).

import type { IpAddress } from "../sockets/ip-address.ts";
import type { ConnectionTable } from "./connection-table.ts";

/** A socket that wants an address and a port, which is not 0. */
export interface Binding {
  /** Undefined: any address. */
  readonly local: IpAddress | undefined;
  readonly port: number;
  readonly takesIpv4: boolean;
  readonly takesIpv6: boolean;
  /** ifindex; 0: none. */
  readonly boundDevice: number;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
}

function mayMeet(a: IpAddress | undefined, b: IpAddress | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function apart(a: number, b: number): boolean {
  return a !== 0 && b !== 0 && a !== b;
}

/** SO_REUSEADDR lets a port be shared with connections, never with a listener; SO_REUSEPORT with those that have it too. */
export function bindConflicts(table: ConnectionTable, wanted: Binding): boolean {
  for (const other of table.listenersAt(wanted.port)) {
    if (apart(wanted.boundDevice, other.boundDevice) || (wanted.reusePort && other.reusePort)) continue;
    const family = (wanted.takesIpv4 && other.takesIpv4) || (wanted.takesIpv6 && other.takesIpv6);
    if (family && mayMeet(wanted.local, other.local)) return true;
  }
  if (wanted.reuseAddress) return false;
  for (const { ends, way } of table.ofPort(wanted.port)) {
    if (apart(wanted.boundDevice, way.options.device)) continue;
    const family = typeof ends.local === "number" ? wanted.takesIpv4 : wanted.takesIpv6;
    if (family && mayMeet(wanted.local, ends.local)) return true;
  }
  return false;
}
