/** How much of what is logged of bad messages and text Open vSwitch 3.1 writes at once (VLOG_RATE_LIMIT_INIT). */

/** Later ones come one a minute, which a tool does not live to see. */
const BURST = 5;
/**
 * Messages with a limit of their own: module and how they begin. nx_match asks for leave twice for each, so that two use up the
 * burst.
 */
const OWN_LIMITS = [
  ["nx_match", "", 2],
  ["ofp_msgs", "unknown OpenFlow message", 1],
  ["ofp_msgs", "OpenFlow message has unknown vendor", 1],
  ["ofp_match", "normalization changed", 10],
] as const;

/** What a program has logged so far. */
export class LogBudget {
  readonly #written = new Map<string, number>();

  /** Whether one more message is written. */
  admits(module: string, message: string): boolean {
    const own = OWN_LIMITS.find(([of, beginning]) => of === module && message.startsWith(beginning));
    const kind = own ? `${module} ${own[1]}` : module;
    const written = this.#written.get(kind) ?? 0;
    this.#written.set(kind, written + 1);
    return written < (own?.[2] ?? BURST);
  }
}
