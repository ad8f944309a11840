// What `ip stats` can show: groups, some of them with subgroups, and those of link kinds with suites. The list is in
// the order of the output.

import { AttributeReader } from "../../../netlink/attributes.ts";
import { IFLA_STATS_FILTER } from "../../../netlink/rtnl/statistics.ts";
import type { StatisticsMessage } from "../../../netlink/rtnl/statistics.ts";
import type { LinkKinds, StatisticsSuite } from "../link-syntax.ts";
import { printStatistics } from "../link/statistics.ts";
import type { Session } from "../session.ts";

/** One line of the output, with what follows it. */
export interface Leaf {
  readonly group: string;
  readonly subgroup?: string;
  readonly suite?: string;
  /** IFLA_STATS_FILTER bit that asks the kernel for it. */
  readonly filter: number;
  print(session: Session, message: StatisticsMessage): void;
}

/** Attributes of a nest by number. */
function nest(bytes: Uint8Array | undefined): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  if (bytes === undefined) return found;
  const reader = new AttributeReader(bytes);
  while (reader.next()) found.set(reader.type, reader.bytes());
  return found;
}

/** IFLA_OFFLOAD_XSTATS_L3_STATS, and inside it whether hardware counting is requested and used. */
const L3_STATS = 3;
const HW_S_INFO = { REQUEST: 1, USED: 2 } as const;

function printHardwareUse({ out }: Session, message: StatisticsMessage, prefix: string): void {
  const l3 = nest(message.linkOffloadXstats?.hwSInfo).get(L3_STATS);
  if (l3 === undefined) return;
  const flags = nest(l3);
  const flag = (attribute: number): boolean => (flags.get(attribute)?.[0] ?? 0) !== 0;
  const requested = flag(HW_S_INFO.REQUEST);
  const used = flag(HW_S_INFO.USED);
  out.fact("request", requested, `${prefix}${requested ? "on" : "off"}`);
  out.fact("used", used, ` used ${used ? "on" : "off"}`);
}

const PLAIN: readonly Leaf[] = [
  { group: "afstats", subgroup: "mpls", filter: IFLA_STATS_FILTER.AF_SPEC, print: () => {} },
  {
    group: "link",
    filter: IFLA_STATS_FILTER.LINK_64,
    print(session, { link64 }) {
      if (link64 === undefined) return;
      session.out.text(session.out.lineEnd);
      printStatistics(session, { stats64: link64 });
    },
  },
  {
    group: "offload",
    subgroup: "l3_stats",
    filter: IFLA_STATS_FILTER.LINK_OFFLOAD_XSTATS,
    print(session, message) {
      session.out.openObject("info");
      printHardwareUse(session, message, " ");
      session.out.closeObject();
    },
  },
  {
    group: "offload",
    subgroup: "hw_stats_info",
    filter: IFLA_STATS_FILTER.LINK_OFFLOAD_XSTATS,
    print(session, message) {
      const { out } = session;
      out.openObject("info");
      out.openObject("l3_stats");
      out.text(out.lineEnd);
      printHardwareUse(session, message, "    l3_stats ");
      out.closeObject();
      out.closeObject();
    },
  },
  {
    group: "offload",
    subgroup: "cpu_hit",
    filter: IFLA_STATS_FILTER.LINK_OFFLOAD_XSTATS,
    print: ({ out }) => out.text(out.lineEnd),
  },
];

/** Statistics that a link kind has for its devices (xstats) and for its ports (xstats_slave). */
function extended(group: "xstats" | "xstats_slave", kind: string, suite: StatisticsSuite): Leaf {
  const slave = group === "xstats_slave";
  return {
    group,
    subgroup: kind,
    suite: suite.name,
    filter: slave ? IFLA_STATS_FILTER.LINK_XSTATS_SLAVE : IFLA_STATS_FILTER.LINK_XSTATS,
    print(session, message) {
      const all = slave ? message.linkXstatsSlave : message.linkXstats;
      const own = Object.entries(all ?? {}).find(([name]) => name === kind)?.[1];
      const data = own instanceof Uint8Array ? nest(own).get(suite.attribute) : undefined;
      if (data !== undefined) suite.print?.(session, data);
    },
  };
}

/** Everything that can be shown. */
export function leaves(kinds: LinkKinds): Leaf[] {
  const ofKinds = kinds
    .withStatistics()
    .flatMap(({ kind, statistics }) =>
      (["xstats_slave", "xstats"] as const).flatMap((group) =>
        (statistics ?? []).map((suite) => extended(group, kind, suite)),
      ),
    );
  return [...PLAIN, ...ofKinds];
}
