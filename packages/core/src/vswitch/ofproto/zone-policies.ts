// Which timeouts the connections of a zone have (ct_set_zone_timeout_policy of Open vSwitch's ofproto-dpif.c): zones with equal
// timeouts share a policy of the tracker, which is known by a number in the daemon's own and by one name for each protocol in
// the kernel's.

import type { ConnectionTable, Timeouts } from "../conntrack/connection-table.ts";
import { isIpv6, nwProto } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";

/** Protocols that the kernel has policies for. */
const KERNEL_PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, "icmp"],
  [6, "tcp"],
  [17, "udp"],
  [58, "icmpv6"],
]);

interface Policy {
  readonly id: number;
  readonly timeouts: Timeouts;
}

export class ZonePolicies {
  readonly #conntrack: ConnectionTable;
  /** Policies have names by protocol, as in the kernel. */
  readonly byProtocol: boolean;
  readonly #byZone = new Map<number, Policy>();

  constructor(conntrack: ConnectionTable, byProtocol: boolean) {
    this.#conntrack = conntrack;
    this.byProtocol = byProtocol;
  }

  /** True if anything has changed. */
  set(wanted: ReadonlyMap<number, Timeouts>): boolean {
    const before = new Map(this.#byZone);
    for (const zone of before.keys()) if (!wanted.has(zone)) this.#byZone.delete(zone);
    for (const [zone, timeouts] of wanted) this.#byZone.set(zone, this.#policy(timeouts));
    const used = new Set(this.#byZone.values());
    for (const policy of before.values()) if (!used.has(policy)) this.#forget(policy);
    return (
      before.size !== this.#byZone.size || [...before].some(([zone, old]) => this.#byZone.get(zone) !== old)
    );
  }

  #policy(timeouts: Timeouts): Policy {
    const all = [...this.#byZone.values()];
    const known = all.find((each) => sameTimeouts(each.timeouts, timeouts));
    if (known) return known;
    let id = 1;
    while (all.some((each) => each.id === id)) id++;
    const policy = { id, timeouts };
    for (const name of this.#names(policy)) this.#conntrack.policies.set(name, timeouts);
    return policy;
  }

  #forget(policy: Policy): void {
    for (const name of this.#names(policy)) this.#conntrack.policies.delete(name);
  }

  #names({ id }: Policy): string[] {
    if (!this.byProtocol) return [String(id)];
    return [...KERNEL_PROTOCOLS.keys()].flatMap((protocol) =>
      [false, true].map((version6) => kernelName(id, protocol, version6) ?? ""),
    );
  }

  /** What a commit into the zone names; undefined if it has no policy, or none for such packets. */
  nameFor(zone: number, flow: Flow): string | undefined {
    const policy = this.#byZone.get(zone);
    if (!policy) return undefined;
    if (!this.byProtocol) return String(policy.id);
    return kernelName(policy.id, nwProto(flow), isIpv6(flow));
  }
}

/** dpif_netlink_format_tp_name() */
function kernelName(id: number, protocol: number, version6: boolean): string | undefined {
  const name = KERNEL_PROTOCOLS.get(protocol);
  if (name === undefined) return undefined;
  return `ovs_tp_${id}_${name}${version6 ? (name === "icmpv6" ? "" : "6") : "4"}`;
}

function sameTimeouts(a: Timeouts, b: Timeouts): boolean {
  return a.size === b.size && [...a].every(([name, seconds]) => b.get(name) === seconds);
}
