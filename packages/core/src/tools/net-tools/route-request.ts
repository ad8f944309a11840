// A route as `route add` and `route del` ask for it. The real program hands struct rtentry to SIOCADDRT and SIOCDELRT, and
// the kernel makes of it what RTM_NEWROUTE and RTM_DELROUTE carry (rtentry_to_fib_config): these are sent here.

import { NetlinkClient } from "../../netlink/client.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { encodeRoute } from "../../netlink/rtnl/route.ts";
import type { RouteMessage } from "../../netlink/rtnl/route.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Process } from "../../system/process.ts";
import { interfaceIndex } from "../resolver/interfaces.ts";

/** E_SOCK of net-tools: the kernel refused. */
const REFUSED = 7;

/** Sends the request; `device` is the name of the interface, empty for none. The exit code. */
export function sendRoute(
  process: Process,
  add: boolean,
  request: Partial<RouteMessage>,
  device: string,
): number {
  const oif = device === "" ? undefined : interfaceIndex(process, device);
  let errno: number = ERRNO.ENODEV;
  if (oif !== 0) {
    const socket = process.netlink();
    const body = encodeRoute(oif === undefined ? request : { ...request, oif });
    const result = new NetlinkClient(socket).request(
      add ? RTM.NEWROUTE : RTM.DELROUTE,
      add ? NLM_F.CREATE : 0,
      body,
    );
    socket.close();
    if (result.ok) return 0;
    errno = result.errno;
  }
  process.warn(`${add ? "SIOCADDRT" : "SIOCDELRT"}: ${strerror(errno)}\n`);
  return REFUSED;
}
