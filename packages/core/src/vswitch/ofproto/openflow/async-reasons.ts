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

/** Why flows go that is told without being asked for: what the version knows (ofputil_async_cfg_default). */
export function removedReasons(version: OpenFlowVersion): number {
  if (version >= 5) return 0x3f;
  return version === 4 ? 0xf : 7;
}

/** What is told to a peer of a version: reasons that the version has. */
export function reasonsOfVersion({ master, slave }: AsyncReasons, version: OpenFlowVersion): AsyncReasons {
  const known = (reasons: readonly number[]) =>
    reasons.map((bits, kind) => bits & allowedReasons(kind, version));
  return { master: known(master), slave: known(slave) };
}
