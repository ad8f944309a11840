// CFM and BFD as the database wants them, and what its columns say of them (iface_configure_cfm, iface_refresh_cfm_stats and
// what is alike for BFD in ovs-vswitchd; table Interface of ovs-vswitchd.conf.db(5)).

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { parseIpv4 } from "../../wire/ipv4-address.ts";
import { parseMac } from "../../wire/mac.ts";
import { BfdPort, DEFAULT_DESTINATION, DEFAULT_SOURCE } from "../ofproto/bfd/bfd-port.ts";
import type { BfdAddresses } from "../ofproto/bfd/bfd-port.ts";
import type { BfdSettings } from "../ofproto/bfd/bfd.ts";
import { diagnosticText, stateText } from "../ofproto/bfd/bfd-text.ts";
import { Cfm } from "../ofproto/cfm/cfm.ts";
import type { CfmSettings } from "../ofproto/cfm/cfm.ts";
import type { OfPort } from "../ofproto/port.ts";
import type { RowValues } from "../ovsdb/local-client.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { SwitchDaemon } from "./switchd.ts";

const MPID_MAX = 8191n;
const DEFAULT_INTERVAL = 1000;
const DEFAULT_MULTIPLIER = 3;

export function configureLinkChecks(daemon: SwitchDaemon, port: OfPort, row: RowView): void {
  configureCfm(daemon, port, row);
  configureBfd(daemon, port, row);
}

function integer(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : otherwise;
}

function configureCfm(daemon: SwitchDaemon, port: OfPort, row: RowView): void {
  const { vlog } = daemon.host;
  const mpid = row.number("cfm_mpid");
  const settings = mpid === undefined ? undefined : cfmSettings(BigInt(mpid), row);
  const valid = settings && settings.mpid >= 1n && (settings.extended || settings.mpid <= MPID_MAX);
  if (!valid) {
    if (settings) {
      const what = `CFM configuration on port ${port.number} (${port.name}) failed`;
      daemon.complain("warn", `${port.bridge.name}: ${what} (${strerror(ERRNO.EINVAL)})`, "ofproto");
    }
    if (port.cfm) port.bridge.backer.revalidate();
    port.cfm = undefined;
    return;
  }
  const now = Math.floor(daemon.host.monotonic() / 1e6);
  if (port.cfm) {
    port.cfm.configure(settings, now);
    return;
  }
  port.cfm = new Cfm(port.name, settings, now, {
    log: (level, text) => vlog.log("cfm", level, text),
    random32: () => daemon.host.random32(),
    rxPackets: () => port.rxPackets,
  });
  port.bridge.backer.revalidate();
}

function cfmSettings(mpid: bigint, row: RowView): CfmSettings {
  const config = (key: string) => row.entry("other_config", key);
  const interval = integer(config("cfm_interval"), 0);
  const vlan = config("cfm_ccm_vlan");
  return {
    mpid,
    interval: interval > 0 ? interval : DEFAULT_INTERVAL,
    extended: config("cfm_extended") === "true",
    demand: config("cfm_demand") === "true",
    operational: (config("cfm_opstate") ?? "up").toLowerCase() === "up",
    vlan: vlan === "random" ? "random" : integer(vlan, 0) & 0xfff,
    priority: integer(config("cfm_ccm_pcp"), 0) & 7,
  };
}

function configureBfd(daemon: SwitchDaemon, port: OfPort, row: RowView): void {
  const { vlog } = daemon.host;
  const config = (key: string) => row.entry("bfd", key);
  if (config("enable") !== "true") {
    if (port.bfd) port.bridge.backer.revalidate();
    port.bfd = undefined;
    return;
  }
  const multiplier = integer(config("mult"), DEFAULT_MULTIPLIER);
  const settings: BfdSettings = {
    minTx: Math.max(1, integer(config("min_tx"), 100)),
    minRx: Math.max(1, integer(config("min_rx"), 1000)),
    decayMinRx: Math.max(0, integer(config("decay_min_rx"), 0)),
    multiplier: multiplier >= 1 && multiplier <= 255 ? multiplier : DEFAULT_MULTIPLIER,
    forwardingIfRx: config("forwarding_if_rx") === "true",
    concatenatedPathDown: config("cpath_down") === "true",
    oam: config("oam") === "true",
    checksTunnelKey: config("check_tnl_key") === "true",
  };
  const mac = (key: string) => parseMac(config(key) ?? "") ?? 0;
  const ip = (key: string, otherwise: number) => {
    const text = config(key);
    const address = parseIpv4(text ?? "");
    if (text !== undefined && address === undefined)
      daemon.complain("err", `"${text}" is not a valid IP address`, "bfd");
    return address ?? otherwise;
  };
  const addresses: BfdAddresses = {
    localSourceMac: mac("bfd_local_src_mac"),
    localDestinationMac: mac("bfd_local_dst_mac"),
    remoteDestinationMac: mac("bfd_remote_dst_mac"),
    source: ip("bfd_src_ip", DEFAULT_SOURCE),
    destination: ip("bfd_dst_ip", DEFAULT_DESTINATION),
  };
  const now = Math.floor(daemon.host.monotonic() / 1e6);
  if (port.bfd) {
    port.bfd.addresses = addresses;
    port.bfd.session.configure(settings, now);
    return;
  }
  port.bfd = new BfdPort(port.name, settings, addresses, daemon.bfdSessions++, now, {
    log: (level, text) => vlog.log("bfd", level, text.trimEnd()),
    random32: () => daemon.host.random32(),
    rxPackets: () => port.rxPackets,
  });
  port.bridge.backer.revalidate();
}

/** iface_refresh_cfm_stats(), bfd_get_status() */
export function linkCheckColumns({ cfm, bfd }: OfPort, now: number): RowValues {
  const faults = cfm?.faults;
  return {
    cfm_fault: faults && faults.length > 0,
    cfm_fault_status: faults ?? [],
    cfm_remote_mpids: cfm ? cfm.remoteMpids.map(Number) : [],
    cfm_flap_count: cfm?.flapCount,
    cfm_health: cfm?.health,
    cfm_remote_opstate: cfm?.settings.extended === true ? (cfm.remoteOperational ? "up" : "down") : undefined,
    bfd_status: bfd
      ? {
          forwarding: String(bfd.session.forwarding(now)),
          state: stateText(bfd.session.state),
          diagnostic: diagnosticText(bfd.session.diagnostic),
          flap_count: String(bfd.session.flapCount),
          remote_state: stateText(bfd.session.remote.state),
          remote_diagnostic: diagnosticText(bfd.session.remote.diagnostic),
        }
      : {},
  };
}
