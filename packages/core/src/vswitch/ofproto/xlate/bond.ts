// Bonds in a translation: which packets may come in by a member, and which member a packet leaves by.

import { unwildcard, unwildcardMac, W } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import type { Bond, BondMember } from "../bond.ts";
import type { OfPort } from "../port.ts";
import type { PacketStatistics, XlateContext } from "./context.ts";
import { markSymmetricL4 } from "./group.ts";
import type { Recirculation } from "./output.ts";

export type BondVerdict = "accept" | "drop" | "drop if moved";

/** bond_check_admissibility() */
export function bondAdmits(bond: Bond, port: OfPort, destination: number): BondVerdict {
  const member = bond.members.find((each) => each.port === port);
  if (!member) return "drop";
  const { mode, fallbackActiveBackup, allMembersActive } = bond.settings;
  switch (bond.lacp) {
    case "negotiated":
      // The other side knows of the bond and does the right thing.
      return member.enabled || member.mayEnable ? "accept" : "drop";
    case "configured":
      if (!fallbackActiveBackup) return "drop";
      break;
    case "off":
      if (mode === "balance-tcp") return "drop";
  }
  if (!member.enabled) return "drop";
  const multicast = Math.floor(destination / 0x100_0000_0000) % 2 === 1;
  const everywhere = mode === "balance-slb" && allMembersActive;
  if (multicast && !everywhere && bond.active !== member) return "drop";
  if (mode === "balance-slb") return "drop if moved";
  return bond.active === member ? "accept" : "drop";
}

/** choose_output_member(); undefined if no member is up. */
export function memberFor(bond: Bond, flow: Flow, vlan: number): BondMember | undefined {
  if (bond.lacp === "configured") return bond.settings.fallbackActiveBackup ? bond.active : undefined;
  switch (bond.settings.mode) {
    case "active-backup":
      return bond.active;
    case "balance-tcp":
      if (bond.lacp !== "negotiated") return undefined;
  }
  return bond.entry(bond.hashOf(flow, vlan)).member;
}

/** The bond's part of output_normal(): a member, or the datapath's hash that chooses one. */
export function chooseMember(
  context: XlateContext,
  bond: Bond,
  vlan: number,
): { readonly port: OfPort; readonly recirculate?: Recirculation | undefined } | undefined {
  const flow = context.input.flow;
  const member = memberFor(bond, flow, vlan);
  if (!member) return undefined;
  if (bond.recirculates && bond.recirculationId !== undefined) {
    return {
      port: member.port,
      recirculate: { id: bond.recirculationId, basis: bond.settings.basis, lbOutput: bond.usesLbOutput },
    };
  }
  if (bond.balanced) {
    if (bond.settings.mode === "balance-slb") unwildcardMac(context.wildcards, W.ETH_SRC);
    else {
      markSymmetricL4(context);
      unwildcard(context.wildcards, W.VLAN, 0x1fff);
    }
  }
  const credit = ({ bytes }: PacketStatistics) => bond.account(flow, vlan, bytes);
  if (context.input.statistics) credit(context.input.statistics);
  context.input.cache?.push({ credit });
  return { port: member.port };
}
