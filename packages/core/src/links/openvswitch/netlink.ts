// Devices that Open vSwitch makes for the tunnels of a kernel's datapath, vxlan_sys_4789 and the like: they leave a packet's ends to the
// datapath (`external`). What is asked of rtnetlink for them (dpif_netlink_rtnl_create of Open vSwitch's lib/dpif-netlink-rtnl.c).

import { encodeGeneveData, decodeGeneveData } from "../geneve/netlink.ts";
import { decodeGreData, encodeGreData } from "../gre/netlink.ts";
import { decodeVxlanData, encodeVxlanData } from "../vxlan/netlink.ts";
import { isMalformed } from "../../wire/malformed.ts";

/** Larger than any packet that IP can carry with the tunnel's headers. */
export const TUNNEL_DEVICE_MTU = 65000;

export interface TunnelDeviceSettings {
  /** "vxlan", "geneve", "gre" and so on, as Open vSwitch names it. */
  readonly type: string;
  /** Of UDP; 0 for tunnels without. */
  readonly port: number;
  /** VXLAN: extensions of its header. */
  readonly groupPolicy?: boolean;
  readonly gpe?: boolean;
}

/** The kind of link and its IFLA_INFO_DATA; undefined for types that are no links. */
export function tunnelDeviceData({
  type,
  port,
  groupPolicy = false,
  gpe = false,
}: TunnelDeviceSettings): { readonly kind: string; readonly data: Uint8Array } | undefined {
  switch (type) {
    case "vxlan": {
      const extensions = {
        ...(groupPolicy ? { gbp: true as const } : {}),
        ...(gpe ? { gpe: true as const } : {}),
      };
      const data = { learning: 0, collectMetadata: 1, udpZeroCsum6Rx: 1, ...extensions, port };
      return { kind: type, data: encodeVxlanData(data) };
    }
    case "geneve":
      return { kind: type, data: encodeGeneveData({ collectMetadata: true, udpZeroCsum6Rx: 1, port }) };
    case "gre":
    case "ip6gre":
      return { kind: `${type}tap`, data: encodeGreData({ collectMetadata: true }) };
    case "erspan":
    case "ip6erspan":
      return { kind: type, data: encodeGreData({ collectMetadata: true }) };
    default:
      return undefined;
  }
}

/** Whether a device that is there already is as one that would be made (dpif_netlink_rtnl_verify). */
export function fitsTunnelDevice(
  settings: TunnelDeviceSettings,
  kind: string | undefined,
  data: Uint8Array = new Uint8Array(0),
): boolean {
  const wanted = tunnelDeviceData(settings);
  if (!wanted || kind !== wanted.kind) return false;
  switch (settings.type) {
    case "vxlan": {
      const has = decodeVxlanData(data);
      return (
        !isMalformed(has) &&
        has.learning === 0 &&
        has.collectMetadata === 1 &&
        has.udpZeroCsum6Rx === 1 &&
        has.port === settings.port &&
        (has.gbp ?? false) === (settings.groupPolicy ?? false) &&
        (has.gpe ?? false) === (settings.gpe ?? false)
      );
    }
    case "geneve": {
      const has = decodeGeneveData(data);
      return (
        !isMalformed(has) &&
        has.collectMetadata === true &&
        has.udpZeroCsum6Rx === 1 &&
        has.port === settings.port
      );
    }
    default: {
      const has = decodeGreData(data);
      return !isMalformed(has) && has.collectMetadata === true;
    }
  }
}
