// `ip route save`, `restore` and `showdump`.

import { decodeRoute } from "../../../netlink/rtnl/route.ts";
import type { RouteMessage } from "../../../netlink/rtnl/route.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { giveUp } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import {
  beginDump,
  readDump,
  refuseTruncated,
  restoreMessages,
  ROUTE_DUMP,
  writeDump,
} from "../dump-file.ts";
import type { Session } from "../session.ts";
import { everyRoute } from "./filter.ts";
import { findRoutes, parseListing } from "./list.ts";
import { printRoute } from "./print.ts";

export function saveRoutes(session: Session, args: Arguments): number {
  beginDump(session, ROUTE_DUMP);
  const listing = parseListing(session, args);
  const found = findRoutes(session, listing);
  // iproute2 calls it a success.
  if (found === undefined) session.process.warn("Dump terminated\n");
  writeDump(
    session,
    (found ?? []).map(({ message }) => message),
  );
  return 0;
}

export async function showSavedRoutes(session: Session): Promise<number> {
  const file = await readDump(session, ROUTE_DUMP);
  for (const { body } of file.messages) {
    const route = decodeRoute(body);
    if (!isMalformed(route)) printRoute(session, route, everyRoute(), false);
  }
  refuseTruncated(session, ROUTE_DUMP, file);
  return 0;
}

/** Routes need the ones that their gateways are reached by: this host's own addresses first, then networks, then the rest. */
function stage(route: RouteMessage): number {
  if (route.gateway !== undefined) return 2;
  const { prefsrc, dst } = route;
  const own = prefsrc === undefined || prefsrc.every((byte, index) => byte === dst?.[index]);
  return own ? 0 : 1;
}

export async function restoreRoutes(session: Session): Promise<number> {
  const { process } = session;
  const { seekable } = process.stdin;
  const file = await readDump(session, ROUTE_DUMP);
  // The original goes through the file once for each stage.
  if (!seekable) return giveUp(process, "Failed to restore: ftell: Illegal seek\n");
  for (const wanted of [0, 1, 2]) {
    const messages = file.messages.filter(({ body }) => {
      const route = decodeRoute(body);
      return !isMalformed(route) && stage(route) === wanted;
    });
    restoreMessages(session, ROUTE_DUMP, messages);
    refuseTruncated(session, ROUTE_DUMP, file);
  }
  return 0;
}
