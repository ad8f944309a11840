// Devices that are ports, by rtnetlink: whether there is one, its counters, and bringing it up.

import type { DpifPortCounters } from "../../dpctl/dpif.ts";
import type { NetlinkClient } from "../../netlink/client.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";

const IFF_UP = 1;

type Link = Exclude<ReturnType<typeof decodeLink>, { readonly reason: unknown }>;

export function deviceNamed(client: NetlinkClient, name: string): Link | undefined {
  const body = encodeLink({ family: AF.UNSPEC, ifname: name });
  const result = client.request(RTM.GETLINK, 0, body);
  const [message] = result.ok ? result.messages : [];
  const link = message && decodeLink(message.body);
  return link && !isMalformed(link) ? link : undefined;
}

/** An error number, or 0. */
export function bringUp(client: NetlinkClient, name: string): number {
  const link = deviceNamed(client, name);
  if (!link) return ERRNO.ENODEV;
  const body = encodeLink({ family: AF.UNSPEC, index: link.index, flags: IFF_UP, change: IFF_UP });
  const result = client.request(RTM.NEWLINK, 0, body);
  return result.ok ? 0 : result.errno;
}

export function deviceCounters(client: NetlinkClient, name: string): DpifPortCounters | undefined {
  const stats = deviceNamed(client, name)?.stats64;
  return (
    stats && {
      rxPackets: stats.rxPackets,
      txPackets: stats.txPackets,
      rxBytes: stats.rxBytes,
      txBytes: stats.txBytes,
      rxErrors: stats.rxErrors,
      txErrors: stats.txErrors,
      rxDropped: stats.rxDropped,
      txDropped: stats.txDropped,
      rxOverruns: stats.rxOverErrors,
      rxFrame: stats.rxFrameErrors,
      txAborted: stats.txAbortedErrors,
      txCarrier: stats.txCarrierErrors,
      collisions: stats.collisions,
    }
  );
}
