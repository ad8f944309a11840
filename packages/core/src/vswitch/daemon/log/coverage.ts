// How often events have happened (Open vSwitch's lib/coverage.c), with averages over the last five seconds, minute and hour.
// Only events that the daemon truly counts are known; the original has some hundred more of its libraries.

export const COVERAGE_EVENTS = [
  "bridge_reconfigure",
  "ofproto_flush",
  "ofproto_recv_openflow",
  "ofproto_update_port",
  "dpif_port_add",
  "dpif_port_del",
  "netdev_get_stats",
  "unixctl_received",
  "unixctl_replied",
  "drop_action_of_pipeline",
  "drop_action_bridge_not_found",
  "drop_action_recursion_too_deep",
  "drop_action_too_many_resubmit",
  "drop_action_stack_too_deep",
  "drop_action_no_recirculation_context",
  "drop_action_recirculation_conflict",
  "drop_action_too_many_mpls_labels",
  "drop_action_invalid_tunnel_metadata",
  "drop_action_unsupported_packet_type",
  "drop_action_congestion",
  "drop_action_forwarding_disabled",
  "datapath_drop_meter",
  "datapath_drop_invalid_port",
  "datapath_drop_upcall_error",
  "datapath_drop_recirc_error",
  "datapath_drop_tunnel_pop_error",
  "datapath_drop_invalid_tnl_port",
] as const;
export type CoverageEvent = (typeof COVERAGE_EVENTS)[number];

/** Seconds that one slot counts; slots in a minute and an hour. */
const SLOT = 5;
const MINUTE_SLOTS = 12;
const HOUR_SLOTS = 720;

interface Counter {
  total: number;
  /** Counts by slot number, the newest last. */
  readonly slots: { readonly slot: number; count: number }[];
}

export class Coverage {
  readonly #monotonic: () => number;
  readonly #counters = new Map<CoverageEvent, Counter>();

  /** `monotonic` in nanoseconds. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    for (const event of COVERAGE_EVENTS) this.#counters.set(event, { total: 0, slots: [] });
  }

  get #slot(): number {
    return Math.floor(this.#monotonic() / 1e9 / SLOT);
  }

  count(event: CoverageEvent, times = 1): void {
    const counter = this.#counters.get(event);
    if (!counter) return;
    counter.total += times;
    const slot = this.#slot;
    const last = counter.slots.at(-1);
    if (last?.slot === slot) last.count += times;
    else counter.slots.push({ slot, count: times });
    while ((counter.slots[0]?.slot ?? slot) < slot - HOUR_SLOTS) counter.slots.shift();
  }

  /** coverage/read-counter; undefined if there is no such event. */
  read(event: string): number | undefined {
    return this.#counters.get(event as CoverageEvent)?.total;
  }

  /** coverage/show */
  show(): string {
    const now = this.#slot;
    let text = "";
    let silent = 0;
    let hash = 0;
    for (const [event, { total, slots }] of this.#counters) {
      if (total === 0) {
        silent++;
        continue;
      }
      const within = (past: number) =>
        slots.reduce((sum, { slot, count }) => sum + (slot < now && slot >= now - past ? count : 0), 0);
      const rate = (count: number, seconds: number, digits: number) => (count / seconds).toFixed(digits);
      const five = rate(within(1), SLOT, 1);
      const minute = rate(within(MINUTE_SLOTS), 60, 3);
      const hour = rate(within(HOUR_SLOTS), 3600, 4);
      text +=
        `${event.padEnd(24)} ${five.padStart(5)}/sec ${minute.padStart(9)}/sec   ${hour.padStart(11)}/sec   ` +
        `total: ${total}\n`;
      for (const letter of event) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
    }
    const heading =
      "Event coverage, avg rate over last: 5 seconds, last minute, last hour,  " +
      `hash=${hash.toString(16).padStart(8, "0")}:\n`;
    return `${heading}${text}${silent} events never hit\n`;
  }
}
