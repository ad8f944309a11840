// Words that several commands of `ip nexthop` know: devices and VRFs.

import type { Arguments } from "../arguments.ts";
import { vrfIndex } from "../link/list.ts";
import type { Session } from "../session.ts";

/** The device behind the current word. */
export function deviceWord(session: Session, args: Arguments): number {
  return session.links.index(args.next()) || args.invalid("Device does not exist\n");
}

/** The VRF behind the current word. */
export function vrfWord(session: Session, args: Arguments): number {
  return vrfIndex(session, args.next()) ?? args.invalid("Invalid VRF\n");
}
