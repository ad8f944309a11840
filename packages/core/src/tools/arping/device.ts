// The device that arping uses: the one named, or the one that a route to the target goes by; and whether it speaks ARP.

import { NetlinkClient } from "../../netlink/client.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import { decodeRoute, encodeRoute } from "../../netlink/rtnl/route.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import type { Process } from "../../system/process.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { complain, fail } from "../iputils/arguments.ts";
import { interfaceName } from "../resolver/interfaces.ts";

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_NOARP = 0x80;

export interface ArpDevice {
  readonly name: string;
  readonly ifindex: number;
  readonly address: Uint8Array;
  readonly broadcast: Uint8Array;
}

function client<T>(process: Process, use: (client: NetlinkClient) => T): T {
  const socket = process.netlink();
  try {
    return use(new NetlinkClient(socket));
  } finally {
    socket.close();
  }
}

/** Name of the device that packets to `target` leave by. Ends the process if there is no route. */
export function guessDevice(process: Process, target: Uint8Array): string {
  const result = client(process, (netlink) =>
    netlink.request(RTM.GETROUTE, 0, encodeRoute({ family: AF.INET, dst: target })),
  );
  const [message] = result.ok ? result.messages : [];
  const route = message && decodeRoute(message.body);
  const name = route && !isMalformed(route) ? interfaceName(process, route.oif ?? 0) : undefined;
  if (name !== undefined) return name;
  complain(process, 0, "NETLINK_ROUTE unexpected iov element");
  return process.exit(1);
}

/** The device, if ARP can be spoken on it. Ends the process otherwise. */
export function arpDevice(process: Process, name: string, mode: { quiet: boolean; dad: boolean }): ArpDevice {
  const links = client(process, (netlink) => netlink.dump(RTM.GETLINK, encodeLink({})));
  let found: LinkMessage | undefined;
  for (const { body } of links.ok ? links.messages : []) {
    const link = decodeLink(body);
    if (!isMalformed(link) && link.ifname === name) found = link;
  }
  const say = (text: string): void => {
    if (!mode.quiet) process.print(`Interface "${name}" ${text}\n`);
  };
  if (found === undefined) return fail(process, 2, 0, `Device ${name} not available.`);
  if ((found.flags & IFF_UP) === 0) {
    say("is down");
    process.exit(2);
  }
  if ((found.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) {
    say("is not ARPable");
    process.exit(mode.dad ? 0 : 2);
  }
  const { address, broadcast, index } = found;
  if (address === undefined || address.length === 0 || broadcast === undefined) {
    return fail(process, 2, 0, `Device ${name} not available.`);
  }
  return { name, ifindex: index, address, broadcast };
}
