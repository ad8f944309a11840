// What a peer is told without asking for it, by kind and reason (struct ofputil_async_cfg).

import type { OpenFlowVersion } from "../../../ovsproto/openflow/fields.ts";
import { allowedReasons } from "../../../ovsproto/openflow/session-messages.ts";

/** Kinds, in the order of the properties of OpenFlow 1.4. */
export const ASYNC = {
  PACKET_IN: 0,
  PORT_STATUS: 1,
  FLOW_REMOVED: 2,
  ROLE_STATUS: 3,
  TABLE_STATUS: 4,
  REQUESTFORWARD: 5,
} as const;

/** Bit N of the entry of a kind: reason N. */
export interface AsyncReasons {
  readonly master: readonly number[];
  readonly slave: readonly number[];
}

/** OFPRR_IDLE_TIMEOUT to OFPRR_GROUP_DELETE: all of OpenFlow 1.3, though later ones are taken in its messages, too. */
const REMOVED_REASONS13 = 0xf;

/** What is told to a peer of a version: reasons that the version has. */
export function reasonsOfVersion({ master, slave }: AsyncReasons, version: OpenFlowVersion): AsyncReasons {
  const reasonsOf = (kind: number) =>
    kind === ASYNC.FLOW_REMOVED && version === 4 ? REMOVED_REASONS13 : allowedReasons(kind, version);
  const known = (reasons: readonly number[]) => reasons.map((bits, kind) => bits & reasonsOf(kind));
  return { master: known(master), slave: known(slave) };
}
