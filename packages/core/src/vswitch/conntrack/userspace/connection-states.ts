// States of connections that are not TCP's, as the tracker inside the switch daemon keeps them (lib/conntrack-icmp.c,
// lib/conntrack-other.c of Open vSwitch).

import type { Update } from "./tcp-peers.ts";

/** What is kept of a connection's protocol. */
export interface ProtocolState {
  /** Seconds without a packet after which the connection is forgotten. */
  readonly timeout: number;
  /** As it is told; undefined for protocols without states. */
  readonly text: string | undefined;
}

const ICMP_TIMEOUTS = { first: 60, reply: 30 } as const;
const OTHER_TIMEOUTS = { first: 60, multiple: 60, bidirectional: 30 } as const;

export class IcmpState implements ProtocolState {
  readonly text = undefined;
  #answered = false;

  get timeout(): number {
    return this.#answered ? ICMP_TIMEOUTS.reply : ICMP_TIMEOUTS.first;
  }

  update(reply: boolean): Update {
    if (reply) this.#answered = true;
    return "valid";
  }
}

export class OtherState implements ProtocolState {
  readonly text = undefined;
  #state: keyof typeof OTHER_TIMEOUTS = "first";

  get timeout(): number {
    return OTHER_TIMEOUTS[this.#state];
  }

  update(reply: boolean): Update {
    if (reply) {
      this.#state = "bidirectional";
      return "valid";
    }
    if (this.#state !== "first") return "valid";
    this.#state = "multiple";
    return "valid, new";
  }
}
