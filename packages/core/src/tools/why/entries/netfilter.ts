// A rule of nf_tables or of the old iptables-legacy drops the packet, or the policy of a chain does. Which of several it was, the kernel
// does not show: all that could have are told, and an exception is put before each.

import { ERRNO } from "../../../netlink/errno.ts";
import { NF_HOOK } from "../../../netlink/netfilter/nf-tables.ts";
import { CERTAINTY, evidenceOf, inPlace } from "../diagnosis.ts";
import type { Diagnosis, Entry, SeenDrop, View } from "../diagnosis.ts";
import type { FilterChain } from "../filter-chains.ts";
import { legacyChains } from "../legacy-tables.ts";
import type { PlaceState } from "../network-state.ts";
import { formatBytes, inNamespace } from "../network-state.ts";
import { hasAddress } from "../tunnel-state.ts";

interface Loss {
  readonly place: PlaceState;
  readonly from: Uint8Array | undefined;
  readonly to: Uint8Array;
  readonly hooks: readonly number[];
  readonly drop: SeenDrop | undefined;
}

function lossAt({ state, ways }: View, drop: SeenDrop): Loss[] {
  const place = state.places.find(({ netns }) => netns.inode === drop.device.netns);
  const [there, back] = ways;
  if (place === undefined || there === undefined) return [];
  const source = there.hops[0]?.source;
  const [from, to] = drop.ofAnswer && source !== undefined ? [there.to, source] : [source, there.to];
  const sender = drop.ofAnswer ? back?.from : there.from;
  const hooks =
    place === sender
      ? [NF_HOOK.OUTPUT, NF_HOOK.POSTROUTING]
      : hasAddress(place, to)
        ? [NF_HOOK.PREROUTING, NF_HOOK.INPUT]
        : [NF_HOOK.PREROUTING, NF_HOOK.FORWARD, NF_HOOK.POSTROUTING];
  return [{ place, from, to, hooks, drop }];
}

/** A sender whose packet is dropped on its way out is told EPERM. */
function refusedToSend({ verdict, ways }: View): Loss[] {
  const [there] = ways;
  if (verdict?.errno !== ERRNO.EPERM || there === undefined) return [];
  const hooks = [NF_HOOK.OUTPUT, NF_HOOK.POSTROUTING];
  return [{ place: there.from, from: there.hops[0]?.source, to: there.to, hooks, drop: undefined }];
}

function describe({ family, table, name, policy, rules }: FilterChain): string {
  const dropping = rules.map(({ chain, handle, verdict }) => {
    const where = chain === name ? "" : ` of ${chain}`;
    return `handle ${handle}${where}: ${verdict}`;
  });
  return `nft -a list chain ${family} ${table} ${name}: ${[`policy ${policy}`, ...dropping].join("; ")}`;
}

function diagnosis({ place, from, to, hooks, drop }: Loss): Diagnosis {
  const ip = to.length === 4 ? "ip" : "ip6";
  const chains = place
    .filterChains()
    .filter(({ hook, family }) => hooks.includes(hook) && (family === "inet" || family === ip));
  const legacy = legacyChains(place, to.length === 4 ? 4 : 6, hooks);
  const source = from === undefined ? "" : `${ip} saddr ${formatBytes(from)} `;
  const match = `${source}${ip} daddr ${formatBytes(to)}`;
  const options = `${from === undefined ? "" : `-s ${formatBytes(from)} `}-d ${formatBytes(to)} -j ACCEPT`;
  return {
    id: "netfilter",
    place: inPlace(place),
    problem: `netfilter in ${place.name} drops packets to ${formatBytes(to)}`,
    evidence: [
      ...evidenceOf(drop),
      ...(chains.length + legacy.length === 0
        ? ["neither nf_tables nor iptables-legacy has a chain there that drops"]
        : chains.map((chain) => inNamespace(place, describe(chain)))),
      ...legacy.map(({ program, table, name }) =>
        inNamespace(place, `${program} -t ${table} -vnL ${name}: there, its rules are not read`),
      ),
    ],
    fix: [
      ...chains.map(({ family, table, name }) =>
        inNamespace(place, `nft insert rule ${family} ${table} ${name} ${match} accept`),
      ),
      ...legacy.map(({ program, table, name }) =>
        inNamespace(place, `${program} -t ${table} -I ${name} ${options}`),
      ),
    ],
    certainty: CERTAINTY.SEEN,
  };
}

export const netfilter: Entry = {
  id: "netfilter",
  title: "netfilter drops the packet (on the real kernel)",
  examine: (view) => [
    ...view.drops
      .filter(({ reason }) => reason === "NETFILTER_DROP")
      .flatMap((drop) => lossAt(view, drop).map(diagnosis)),
    ...refusedToSend(view).map(diagnosis),
  ],
};
