// IPv6 is switched off on a device on the way, or an address lost duplicate address detection.

import { IFA_F } from "../../../netlink/rtnl/address.ts";
import { at, CERTAINTY, evidenceOf, seenAt } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { bytesKey, command, formatBytes, sysctlFix } from "../network-state.ts";
import { segmentOf } from "../segment.ts";
import type { LinkState } from "../network-state.ts";
import { ownersOf } from "../way.ts";

export const ipv6Disabled: Entry = {
  id: "ipv6-disabled",
  title: "IPv6 is disabled on a device",
  examine: (view) => {
    const links = new Set<LinkState>();
    const lost = new Map<LinkState, string>();
    for (const { to, hops, place, end } of view.ways) {
      if (to.length !== 16) continue;
      for (const { device, path } of hops) {
        links.add(device);
        const last = path.at(-1);
        if (last !== undefined) links.add(last);
      }
      if (end === "no-route") for (const link of place.links) if (!link.loopback) links.add(link);
      const last = hops.at(-1);
      if (end !== "nobody" || last === undefined) continue;
      // Its addresses went with it.
      for (const link of segmentOf(last.device)) {
        if (link.place.isHost || link.place === last.place || link.master !== 0) continue;
        links.add(link);
        lost.set(link, `${formatBytes(last.nextHop)}/64`);
      }
    }
    return [...links]
      .filter((link) => link.place.sysctl(`ipv6/conf/${link.name}/disable_ipv6`) === "1")
      .map((link): Diagnosis => ({
        id: "ipv6-disabled",
        place: at(link),
        problem: `IPv6 is disabled on ${link.name} in ${link.place.name}`,
        evidence: [
          ...evidenceOf(seenAt(view, link, "IPV6DISABLED")),
          `net.ipv6.conf.${link.name}.disable_ipv6 = 1`,
        ],
        fix: [
          sysctlFix(link.place, `net.ipv6.conf.${link.name}.disable_ipv6`, 0),
          ...(lost.has(link)
            ? [command("ip", link.place, `address add ${lost.get(link) ?? ""} dev ${link.name} nodad`)]
            : []),
        ],
        certainty: CERTAINTY.ON_THE_WAY,
      }));
  },
};

export const duplicateDetected: Entry = {
  id: "dad-failed",
  title: "an IPv6 address was found to be somebody else's",
  examine: (view) =>
    view.state.addresses
      .filter(({ flags, family }) => family === "inet6" && (flags & IFA_F.DADFAILED) !== 0)
      .map(({ link, text, prefixLength, bytes }): Diagnosis => {
        const near = segmentOf(link);
        const [owner] = ownersOf(view.state, bytes).filter((one) => near.includes(one.link));
        const change = (what: string): string =>
          command("ip", link.place, `address ${what} ${text}/${prefixLength} dev ${link.name}`);
        const wanted = view.ways.some(
          ({ to, hops }) =>
            to.length === 16 &&
            hops.some(({ path, nextHop }) => path.includes(link) || bytesKey(nextHop) === bytesKey(bytes)),
        );
        return {
          id: "dad-failed",
          place: at(link),
          problem: `${text} on ${link.name} in ${link.place.name} is not used: another host had it already`,
          evidence: [
            `${command("ip", link.place, `-6 address show ${link.name}`)}: dadfailed`,
            owner === undefined
              ? "nobody on the link has it now"
              : `${owner.link.name} in ${owner.link.place.name} has it`,
          ],
          fix: owner === undefined ? [change("del"), change("add")] : [change("del")],
          certainty: wanted ? CERTAINTY.ON_THE_WAY : CERTAINTY.NOTICED,
        };
      }),
};
