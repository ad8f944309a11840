// net.ipv4.tcp_* of a namespace as TCP reads them. They also hold for IPv6 (Documentation/networking/ip-sysctl.rst).

import { keptSetting } from "../ipv4/kept-sysctls.ts";
import type { Netns } from "../netns.ts";

type NumberName =
  | "tcp_abort_on_overflow"
  | "tcp_adv_win_scale"
  | "tcp_app_win"
  | "tcp_early_retrans"
  | "tcp_fin_timeout"
  | "tcp_invalid_ratelimit"
  | "tcp_keepalive_intvl"
  | "tcp_keepalive_probes"
  | "tcp_keepalive_time"
  | "tcp_l3mdev_accept"
  | "tcp_max_syn_backlog"
  | "tcp_max_tw_buckets"
  | "tcp_min_snd_mss"
  | "tcp_moderate_rcvbuf"
  | "tcp_orphan_retries"
  | "tcp_reordering"
  | "tcp_retries1"
  | "tcp_retries2"
  | "tcp_rfc1337"
  | "tcp_sack"
  | "tcp_dsack"
  | "tcp_slow_start_after_idle"
  | "tcp_syn_linear_timeouts"
  | "tcp_syn_retries"
  | "tcp_synack_retries"
  | "tcp_timestamps"
  | "tcp_tw_reuse"
  | "tcp_window_scaling";

/** A value that is one number; `absent` where the profile's kernel has no such setting. */
export function tcpSetting(netns: Netns, name: NumberName, absent = 0): number {
  const text = keptSetting(netns, name);
  return text === undefined ? absent : Number(text);
}

/** Bytes: the least, the first and the most that a buffer has. */
export interface BufferSizes {
  readonly least: number;
  readonly first: number;
  readonly most: number;
}

export function bufferSizes(netns: Netns, name: "tcp_rmem" | "tcp_wmem"): BufferSizes {
  const [least = 4096, first = 16_384, most = first] = (keptSetting(netns, name) ?? "")
    .split("\t")
    .map(Number);
  return { least, first, most };
}

export function congestionControl(netns: Netns): string {
  return keptSetting(netns, "tcp_congestion_control") ?? "cubic";
}
