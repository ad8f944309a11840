// What a listing of VLANs is limited to.

import type { Arguments } from "../ip/arguments.ts";
import { atoi } from "../ip/numbers.ts";
import type { BridgeSession } from "./bridge.ts";
import { filterIndex } from "./link.ts";

/** 0: all. */
export interface VlanFilter {
  readonly index: number;
  readonly vlan: number;
}

/** `[ dev DEV ] [ vid VID ]`; other words are passed over. */
export function parseFilter(session: BridgeSession, args: Arguments): VlanFilter {
  let device: string | undefined;
  let vlan = 0;
  for (; args.left > 0; args.advance()) {
    if (args.current === "dev") {
      args.next();
      if (device !== undefined) args.duplicate("dev");
      device = args.current;
    } else if (args.current === "vid") {
      args.next();
      if (vlan !== 0) args.duplicate("vid");
      vlan = atoi(args.current);
    }
  }
  return { index: filterIndex(session, device), vlan };
}
