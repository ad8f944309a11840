// Packets leave with a time to live that ends on the way: a small default of the host, or of a route (RFC 791, 3.2; RFC 8200, 3).

import { CERTAINTY, evidenceOf, inPlace } from "../diagnosis.ts";
import type { Diagnosis, Entry, View } from "../diagnosis.ts";
import { command, formatBytes, inNamespace, sysctlFix } from "../network-state.ts";
import type { Way } from "../way.ts";

/** What hosts have that nobody has changed. */
const USUAL = 64;

function examine(view: View, { from, to, hops, end }: Way): Diagnosis[] {
  const [first] = hops;
  if (first === undefined || end === "loop") return [];
  const answer = from.routeTo(to, first.question);
  if (typeof answer === "number") return [];
  const { device } = first;
  const v4 = to.length === 4;
  const metric = answer.hopLimit !== undefined && answer.hopLimit !== 0 ? answer.hopLimit : undefined;
  const name = v4 ? "net.ipv4.ip_default_ttl" : `net.ipv6.conf.${device.name}.hop_limit`;
  const setting = from.sysctl(v4 ? "ipv4/ip_default_ttl" : `ipv6/conf/${device.name}/hop_limit`);
  const ttl = metric ?? Number(setting ?? USUAL);
  // Each router counts it down, and sends on what has more than nothing left.
  const needed = hops.length;
  if (ttl >= needed) return [];
  const drop = view.drops.find(({ reason }) => reason === "IP_INHDR");
  const route = from.matchingRoute(to, first.question) ?? "default";
  const via = first.viaGateway ? ` via ${formatBytes(first.nextHop)}` : "";
  return [
    {
      id: "ttl-small",
      place: inPlace(from),
      problem: `packets of ${from.name} to ${formatBytes(to)} begin with a time to live of ${ttl}, and need ${needed} to get there`,
      evidence: [
        ...evidenceOf(drop),
        metric === undefined
          ? `${inNamespace(from, `sysctl ${name}`)}: ${ttl}`
          : `${command("ip", from, `route get ${formatBytes(to)}`)}: hoplimit ${metric}`,
      ],
      fix:
        metric === undefined
          ? [sysctlFix(from, name, USUAL)]
          : [command("ip", from, `route change ${route}${via} dev ${device.name} hoplimit ${USUAL}`)],
      certainty: drop === undefined ? CERTAINTY.ON_THE_WAY : CERTAINTY.SEEN,
    },
  ];
}

export const ttlSmall: Entry = {
  id: "ttl-small",
  title: "packets begin with a time to live that ends on the way",
  examine: (view) => view.ways.flatMap((way) => examine(view, way)),
};
