// Bonds in a translation: which packets may come in by a member, and which member a packet leaves by.

import { macAt, unwildcardMac, W } from "../../flow/flow.ts";
import type { Bond } from "../bond.ts";
import type { OfPort } from "../port.ts";
import type { XlateContext } from "./context.ts";
import type { Recirculation } from "./output.ts";

export type BondVerdict = "accept" | "drop" | "drop if moved";

/** bond_check_admissibility() */
export function bondAdmits(bond: Bond, port: OfPort, destination: number): BondVerdict {
  const member = bond.members.find((each) => each.port === port);
  if (!member?.enabled) return "drop";
  const multicast = Math.floor(destination / 0x100_0000_0000) % 2 === 1;
  if (multicast && bond.active !== member) return "drop";
  switch (bond.balances) {
    case "balance-tcp":
      return "drop"; // without LACP nobody knows that the other side takes the members as one
    case "active-backup":
      return bond.active === member ? "accept" : "drop";
    case "balance-slb":
      return "drop if moved";
  }
}

/** bond_choose_output_member(); undefined if no member is up. */
export function chooseMember(
  context: XlateContext,
  bond: Bond,
  vlan: number,
): { readonly port: OfPort; readonly recirculate?: Recirculation | undefined } | undefined {
  switch (bond.balances) {
    case "active-backup":
      return bond.active && { port: bond.active.port };
    case "balance-tcp":
      return undefined;
    case "balance-slb": {
      unwildcardMac(context.wildcards, W.ETH_SRC);
      const member = bond.memberFor(macAt(context.flow, W.ETH_SRC), vlan);
      return member && { port: member.port };
    }
  }
}
