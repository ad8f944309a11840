// States of connections that are not TCP's, as the tracker inside the switch daemon keeps them (lib/conntrack-icmp.c,
// lib/conntrack-other.c of Open vSwitch).

import type { Update } from "./tcp-peers.ts";

/** What is kept of a connection's protocol. */
export interface ProtocolState {
  /** Names the seconds without a packet after which the connection is forgotten. */
  readonly timeout: TimeoutName;
}

/**
 * Seconds without a packet after which a connection is forgotten, by what it does (lib/conntrack-tp.c), under the names that
 * policies have for them.
 */
export const TIMEOUTS = {
  tcp_syn_sent: 30,
  tcp_syn_recv: 30,
  tcp_established: 24 * 60 * 60,
  tcp_fin_wait: 15 * 60,
  tcp_time_wait: 45,
  tcp_close: 30,
  udp_first: 60,
  udp_single: 60,
  udp_multiple: 30,
  icmp_first: 60,
  icmp_reply: 30,
} as const;

export type TimeoutName = keyof typeof TIMEOUTS;

export class IcmpState implements ProtocolState {
  #answered = false;

  get timeout(): TimeoutName {
    return this.#answered ? "icmp_reply" : "icmp_first";
  }

  update(reply: boolean): Update {
    if (reply) this.#answered = true;
    return "valid";
  }
}

export class OtherState implements ProtocolState {
  timeout: TimeoutName = "udp_first";

  update(reply: boolean): Update {
    if (reply) {
      this.timeout = "udp_multiple";
      return "valid";
    }
    if (this.timeout !== "udp_first") return "valid";
    this.timeout = "udp_single";
    return "valid, new";
  }
}
