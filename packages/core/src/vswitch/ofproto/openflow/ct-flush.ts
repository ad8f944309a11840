// Connections that OpenFlow makes the tracker forget: NXT_CT_FLUSH_ZONE, NXT_CT_FLUSH (ct_dpif_flush of Open vSwitch's
// lib/ct-dpif.c).

import { isMeant } from "../../../ovsproto/datapath/connection-match.ts";
import type { CtFlush } from "../../../ovsproto/openflow/ct-flush.ts";
import type { Bridge } from "../bridge.ts";

export function flushZone({ backer }: Bridge, zone: number): void {
  backer.datapath.conntrack.flush((connection) => connection.zone === zone);
}

export function flushConnections({ backer }: Bridge, flush: CtFlush): void {
  backer.datapath.conntrack.flush((connection) => isMeant(connection, flush));
}
