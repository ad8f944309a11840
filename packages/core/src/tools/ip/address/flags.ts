// Flags of an address (IFA_F_, linux/if_addr.h) in words.

import { IFA_F } from "../../../netlink/rtnl/address.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import type { Output } from "../output.ts";

interface FlagWord {
  readonly name: string;
  readonly mask: number;
  /** Only the kernel sets it. */
  readonly readOnly?: true;
  readonly ipv6Only?: true;
}

/** In the order in which they are printed. */
const WORDS: readonly FlagWord[] = [
  { name: "secondary", mask: IFA_F.SECONDARY, readOnly: true },
  { name: "temporary", mask: IFA_F.SECONDARY, readOnly: true },
  { name: "nodad", mask: IFA_F.NODAD, ipv6Only: true },
  { name: "optimistic", mask: IFA_F.OPTIMISTIC, ipv6Only: true },
  { name: "dadfailed", mask: IFA_F.DADFAILED, readOnly: true, ipv6Only: true },
  { name: "home", mask: IFA_F.HOMEADDRESS, ipv6Only: true },
  { name: "deprecated", mask: IFA_F.DEPRECATED, readOnly: true, ipv6Only: true },
  { name: "tentative", mask: IFA_F.TENTATIVE, readOnly: true, ipv6Only: true },
  { name: "permanent", mask: IFA_F.PERMANENT, readOnly: true, ipv6Only: true },
  { name: "mngtmpaddr", mask: IFA_F.MANAGETEMPADDR, ipv6Only: true },
  { name: "noprefixroute", mask: IFA_F.NOPREFIXROUTE },
  { name: "autojoin", mask: IFA_F.MCAUTOJOIN },
  { name: "stable-privacy", mask: IFA_F.STABLE_PRIVACY, readOnly: true, ipv6Only: true },
];

/** What a word of `ip address show` asks of the flags: `tentative`, `-tentative`, `dynamic`, `primary`. */
export function addressFlagFilter(
  word: string,
): { readonly mask: number; readonly wanted: boolean } | undefined {
  if (word === "dynamic") return { mask: IFA_F.PERMANENT, wanted: false };
  if (word === "primary") return { mask: IFA_F.SECONDARY, wanted: false };
  const wanted = !word.startsWith("-");
  const found = WORDS.find(({ name }) => name === (wanted ? word : word.slice(1)));
  return found && { mask: found.mask, wanted };
}

/** What a word of `ip address add` sets, undefined if it is no flag. A warning comes with those that are no use. */
export function settableFlag(
  word: string,
  family: number,
): { readonly mask: number; readonly warning?: string } | undefined {
  const found = WORDS.find(({ name }) => name === word);
  if (found === undefined) return undefined;
  if (found.readOnly) return { mask: 0, warning: `Warning: ${word} option is not mutable from userspace\n` };
  if (found.ipv6Only && family !== AF.INET6)
    return { mask: 0, warning: `Warning: ${word} option can be set only for IPv6 addresses\n` };
  return { mask: found.mask };
}

/** `dynamic `, `tentative `, ... in the order of the kernel's bits. */
export function printAddressFlags(out: Output, family: number, flags: number): void {
  let left = flags;
  for (const { name, mask } of WORDS) {
    if (mask === IFA_F.PERMANENT) {
      if ((left & mask) === 0) out.flag("dynamic", "dynamic ");
    } else if ((left & mask) !== 0) {
      const word = mask === IFA_F.SECONDARY && family === AF.INET6 ? "temporary" : name;
      out.flag(word, `${word} `);
    }
    left &= ~mask;
  }
  if (left !== 0) {
    const text = (left >>> 0).toString(16).padStart(2, "0");
    out.fact("ifa_flags", text, `flags ${text} `);
  }
}
