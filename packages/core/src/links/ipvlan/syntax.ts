// ipvlan in `ip link`: `type ipvlan [mode MODE] [bridge | private | vepa]` (iproute2's iplink_ipvlan.c).

import { giveUp, matches } from "../../tools/ip/arguments.ts";
import type { Arguments } from "../../tools/ip/arguments.ts";
import type { LinkSyntax } from "../../tools/ip/link-syntax.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { IPVLAN_FLAG, IPVLAN_MODE, ipvlanData } from "./netlink.ts";
import type { IpvlanData } from "./netlink.ts";

const HELP = `Usage: ... ipvlan [ mode MODE ] [ FLAGS ]

MODE: l3 | l3s | l2
FLAGS: bridge | private | vepa
(first values are the defaults if nothing is specified).
`;

const MODES: ReadonlyMap<string, number> = new Map([
  ["l2", IPVLAN_MODE.L2],
  ["l3", IPVLAN_MODE.L3],
  ["l3s", IPVLAN_MODE.L3S],
]);

function parse(args: Arguments): IpvlanData {
  const { process } = args;
  let mode: number | undefined;
  let flags: number | undefined;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (matches(word, "mode")) {
      args.next();
      mode =
        MODES.get(args.current) ??
        giveUp(process, 'Error: argument of "mode" must be either "l2", "l3" or "l3s"\n');
    } else if (matches(word, "private") && flags === undefined) flags = IPVLAN_FLAG.PRIVATE;
    else if (matches(word, "vepa") && flags === undefined) flags = IPVLAN_FLAG.VEPA;
    else if (matches(word, "bridge") && flags === undefined) flags = 0;
    else if (matches(word, "help")) giveUp(process, HELP);
    else giveUp(process, `ipvlan: unknown option "${word}"?\n${HELP}`);
  }
  return { mode, flags };
}

export const ipvlanSyntax: LinkSyntax = {
  kind: "ipvlan",
  parse: (args) => ipvlanData.encode(parse(args)),
  print({ out }, bytes) {
    const data = ipvlanData.decode(bytes);
    if (isMalformed(data)) return;
    if (data.mode !== undefined) {
      const name = [...MODES].find(([, mode]) => mode === data.mode)?.[0] ?? "unknown";
      out.fact("mode", name, ` mode ${name} `);
    }
    if (data.flags === undefined) return;
    const name =
      data.flags & IPVLAN_FLAG.PRIVATE ? "private" : data.flags & IPVLAN_FLAG.VEPA ? "vepa" : "bridge";
    out.flag(name, `${name} `);
  },
  help: ({ process }) => process.print(HELP),
};
