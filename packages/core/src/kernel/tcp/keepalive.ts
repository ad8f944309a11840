// Keepalive (RFC 9293, 3.8.4): a connection without traffic is asked whether it is still there.

import { tcpSetting } from "./settings.ts";
import type { Tcb } from "./tcb.ts";
import { setLifeTimer } from "./timers.ts";

const SECOND = 1000; // ms

/** Milliseconds without traffic before the first question. */
export function keepaliveIdle({ settings, netns }: Tcb): number {
  return (settings.keepIdle ?? tcpSetting(netns, "tcp_keepalive_time", 7200)) * SECOND;
}

/** Milliseconds between questions. */
export function keepaliveInterval({ settings, netns }: Tcb): number {
  return (settings.keepInterval ?? tcpSetting(netns, "tcp_keepalive_intvl", 75)) * SECOND;
}

/** Questions without an answer that end it. */
export function keepaliveProbes({ settings, netns }: Tcb): number {
  return settings.keepCount ?? tcpSetting(netns, "tcp_keepalive_probes", 9);
}

export function startKeepalive(tcb: Tcb): void {
  if (tcb.settings.keepAlive) setLifeTimer(tcb, keepaliveIdle(tcb));
}
