// Settings under net/ipv4 that are kept as text: TCP's, which reads some of them (tcp/settings.ts), and those that nothing here
// reads. Programs find them with the kernel's defaults and may write them; what is written is kept for the namespace.

import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { ProfileName } from "../profile.ts";
import { Slot } from "../slot.ts";
import type { Sysctl } from "../sysctl.ts";
import { parseInteger } from "../sysctl.ts";

interface Kept {
  readonly value: string;
  /** Seen in the host's first namespace only. */
  readonly host: boolean;
  readonly mode: number;
}

type Row = readonly [name: string, value: number | string];

const EVERYWHERE: readonly Row[] = [
  ["ip_local_reserved_ports", ""],
  ["tcp_abort_on_overflow", 0],
  ["tcp_adv_win_scale", 1],
  ["tcp_allowed_congestion_control", "reno cubic"],
  ["tcp_app_win", 31],
  ["tcp_autocorking", 1],
  ["tcp_available_congestion_control", "reno cubic"],
  ["tcp_base_mss", 1024],
  ["tcp_challenge_ack_limit", 2147483647],
  ["tcp_child_ehash_entries", 0],
  ["tcp_comp_sack_delay_ns", 1000000],
  ["tcp_comp_sack_nr", 44],
  ["tcp_comp_sack_slack_ns", 100000],
  ["tcp_congestion_control", "cubic"],
  ["tcp_dsack", 1],
  ["tcp_early_demux", 1],
  ["tcp_early_retrans", 3],
  ["tcp_ecn", 2],
  ["tcp_ecn_fallback", 1],
  ["tcp_ehash_entries", 16384],
  ["tcp_fack", 0],
  ["tcp_fastopen", 1],
  ["tcp_fastopen_blackhole_timeout_sec", 0],
  ["tcp_fastopen_key", "00000000-00000000-00000000-00000000"],
  ["tcp_fin_timeout", 60],
  ["tcp_frto", 2],
  ["tcp_fwmark_accept", 0],
  ["tcp_invalid_ratelimit", 500],
  ["tcp_keepalive_intvl", 75],
  ["tcp_keepalive_probes", 9],
  ["tcp_keepalive_time", 7200],
  ["tcp_l3mdev_accept", 0],
  ["tcp_limit_output_bytes", 1048576],
  ["tcp_max_reordering", 300],
  ["tcp_max_syn_backlog", 128],
  ["tcp_max_tw_buckets", 8192],
  ["tcp_migrate_req", 0],
  ["tcp_min_rtt_wlen", 300],
  ["tcp_min_snd_mss", 48],
  ["tcp_min_tso_segs", 2],
  ["tcp_moderate_rcvbuf", 1],
  ["tcp_mtu_probe_floor", 48],
  ["tcp_mtu_probing", 0],
  ["tcp_no_metrics_save", 0],
  ["tcp_no_ssthresh_metrics_save", 1],
  ["tcp_notsent_lowat", "4294967295"],
  ["tcp_orphan_retries", 0],
  ["tcp_pacing_ca_ratio", 120],
  ["tcp_pacing_ss_ratio", 200],
  ["tcp_probe_interval", 600],
  ["tcp_probe_threshold", 8],
  ["tcp_recovery", 1],
  ["tcp_reflect_tos", 0],
  ["tcp_reordering", 3],
  ["tcp_retrans_collapse", 1],
  ["tcp_retries1", 3],
  ["tcp_retries2", 15],
  ["tcp_rfc1337", 0],
  ["tcp_rmem", "4096\t131072\t6291456"],
  ["tcp_sack", 1],
  ["tcp_slow_start_after_idle", 1],
  ["tcp_stdurg", 0],
  ["tcp_syn_retries", 6],
  ["tcp_synack_retries", 5],
  ["tcp_syncookies", 1],
  ["tcp_thin_linear_timeouts", 0],
  ["tcp_timestamps", 1],
  ["tcp_tso_rtt_log", 9],
  ["tcp_tso_win_divisor", 3],
  ["tcp_tw_reuse", 2],
  ["tcp_window_scaling", 1],
  ["tcp_wmem", "4096\t16384\t4194304"],
  ["tcp_workaround_signed_windows", 0],
  ["xfrm4_gc_thresh", 32768],
];

const HOST: readonly Row[] = [
  ["cipso_cache_bucket_size", 10],
  ["cipso_cache_enable", 1],
  ["cipso_rbm_optfmt", 0],
  ["cipso_rbm_strictvalid", 1],
  ["fib_sync_mem", 524288],
  ["inet_peer_maxttl", 600],
  ["inet_peer_minttl", 120],
  ["inet_peer_threshold", 65664],
  ["ipfrag_secret_interval", 0],
  ["tcp_available_ulp", ""],
  ["tcp_low_latency", 0],
  ["tcp_max_orphans", 8192],
  ["tcp_mem", "21792\t29056\t43584"],
  ["udp_mem", "43584\t58113\t87168"],
];

/** Since 6.2. */
const NEWER: readonly Row[] = [
  ["fib_multipath_hash_seed", 0],
  ["tcp_backlog_ack_defer", 1],
  ["tcp_ecn_option", 2],
  ["tcp_ecn_option_beacon", 3],
  ["tcp_pingpong_thresh", 1],
  ["tcp_plb_cong_thresh", 128],
  ["tcp_plb_enabled", 0],
  ["tcp_plb_idle_rehash_rounds", 3],
  ["tcp_plb_rehash_rounds", 12],
  ["tcp_plb_suspend_rto_sec", 60],
  ["tcp_rto_max_ms", 120000],
  ["tcp_rto_min_us", 200000],
  ["tcp_shrink_window", 0],
  ["tcp_syn_linear_timeouts", 4],
  ["tcp_tw_reuse_delay", 1000],
  ["udp_child_hash_entries", 0],
  ["udp_hash_entries", 16384],
];

const MODES: ReadonlyMap<string, number> = new Map([
  ["tcp_available_congestion_control", 0o444],
  ["tcp_available_ulp", 0o444],
  ["tcp_ehash_entries", 0o444],
  ["tcp_fastopen_key", 0o600],
  ["udp_hash_entries", 0o444],
]);

function tableOf(profile: ProfileName): ReadonlyMap<string, Kept> {
  const table = new Map<string, Kept>();
  const add = (rows: readonly Row[], host: boolean): void => {
    for (const [name, value] of rows)
      table.set(name, { value: String(value), host, mode: MODES.get(name) ?? 0o644 });
  };
  add(EVERYWHERE, false);
  add(HOST, true);
  if (profile !== "linux-6.1") add(NEWER, false);
  return table;
}

/** What was written, by namespace. */
const written = new Slot<Map<string, string>>();

/** A single number must stay one; anything else is taken as text. */
function normalized(kept: Kept, text: string): string {
  if (/^-?\d+$/.test(kept.value) && kept.value.length < 10) return String(parseInteger(text));
  return text.trim().split(/\s+/).join("\t");
}

const tables = new Map<ProfileName, ReadonlyMap<string, Kept>>();

function tableFor(profile: ProfileName): ReadonlyMap<string, Kept> {
  let table = tables.get(profile);
  if (table === undefined) tables.set(profile, (table = tableOf(profile)));
  return table;
}

/** The text of a setting; undefined if the kernel has none of that name. */
export function keptSetting(netns: Netns, name: string): string | undefined {
  return written.of(netns)?.get(name) ?? tableFor(netns.kernel.profile.name).get(name)?.value;
}

export interface KeptSysctls {
  names(netns: Netns): string[];
  value(netns: Netns, name: string, path: string): Sysctl | undefined;
}

export function keptSysctls(kernel: Kernel): KeptSysctls {
  const table = tableFor(kernel.profile.name);
  const visible = (netns: Netns, kept: Kept): boolean => !kept.host || netns === kernel.init;
  return {
    names: (netns) => [...table].filter(([, kept]) => visible(netns, kept)).map(([name]) => name),
    value(netns, name, path) {
      const kept = table.get(name);
      if (kept === undefined || !visible(netns, kept)) return undefined;
      const read = (): string => written.of(netns)?.get(name) ?? kept.value;
      if (kept.mode === 0o444) return { path, mode: kept.mode, read };
      return {
        path,
        mode: kept.mode,
        read,
        write(text) {
          const values = written.of(netns) ?? new Map<string, string>();
          written.set(netns, values.set(name, normalized(kept, text)));
        },
      };
    },
  };
}
