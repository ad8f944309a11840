// The action that hands a packet to the switch daemon, as text (format_odp_userspace_action of Open vSwitch's lib/odp-util.c).

import { alternateHex } from "../openflow/field-text.ts";
import { bytesToHex } from "../../wire/hex.ts";
import type { DpAction, UserspaceCookie } from "./actions.ts";
import type { PortNames } from "./format-actions.ts";

/** Reasons of the slow path, by bit. */
export const SLOW_NAMES = ["cfm", "bfd", "lacp", "stp", "lldp", "action", "match"] as const;

export function formatUserspace(
  action: DpAction & { readonly type: "userspace" },
  names: PortNames,
  pid: number,
): string {
  const { cookie, withActions, tunnelOutPort } = action;
  const words = [`pid=${action.pid ?? pid}`, formatCookie(cookie, names)];
  if (withActions === true) words.push("actions");
  if (tunnelOutPort !== undefined) words.push(`tunnel_out_port=${portName(tunnelOutPort, names)}`);
  return `userspace(${words.join(",")})`;
}

function portName(port: number, names: PortNames): string {
  return names?.(port) ?? String(port);
}

function formatCookie(cookie: UserspaceCookie, names: PortNames): string {
  switch (cookie.type) {
    case "slow_path":
      return `slow_path(${SLOW_NAMES.filter((_, bit) => cookie.reason & (1 << bit)).join(",") || "0"})`;
    case "userdata":
      return `userdata(${bytesToHex(cookie.bytes)})`;
    case "sflow": {
      const { vlanTci, output } = cookie;
      return `sFlow(vid=${vlanTci & 0xfff},pcp=${vlanTci >>> 13},output=${output})`;
    }
    case "ipfix":
      return `ipfix(output_port=${portName(cookie.outputPort, names)})`;
    case "flow_sample": {
      const { probability, collectorSet, domain, point, outputPort, direction } = cookie;
      return (
        `flow_sample(probability=${probability},collector_set_id=${collectorSet},obs_domain_id=${domain},` +
        `obs_point_id=${point},output_port=${portName(outputPort, names)}${direction === undefined ? "" : `,${direction}`})`
      );
    }
    case "controller":
      return (
        `controller(reason=${cookie.reason},dont_send=${Number(cookie.dontSend)},` +
        `continuation=${Number(cookie.continuation)},recirc_id=${cookie.recircId},rule_cookie=${alternateHex(cookie.ruleCookie)},` +
        `controller_id=${cookie.controllerId},max_len=${cookie.maxLength})`
      );
  }
}
