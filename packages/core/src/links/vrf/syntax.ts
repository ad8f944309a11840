// vrf and vrf_slave in `ip link`: `type vrf table TABLE`.

import { giveUp, matches } from "../../tools/ip/arguments.ts";
import type { Arguments } from "../../tools/ip/arguments.ts";
import type { LinkParser, LinkSyntax } from "../../tools/ip/link-syntax.ts";
import type { Session } from "../../tools/ip/session.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeVrfData, encodeVrfData } from "./netlink.ts";

const HELP = "Usage: ... vrf table TABLEID\n";

function print({ out }: Session, payload: Uint8Array): void {
  const data = decodeVrfData(payload);
  if (isMalformed(data) || data.table === undefined) return;
  out.fact("table", data.table, `table ${data.table} `);
}

function parse(args: Arguments, { session }: LinkParser): Uint8Array {
  let table: number | undefined;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (matches(word, "table")) {
      table = session.names.id("table", args.next()) ?? args.invalid("invalid table ID\n");
    } else {
      const complaint = matches(word, "help") ? "" : `vrf: unknown option "${word}"?\n`;
      giveUp(args.process, complaint + HELP);
    }
  }
  return table === undefined ? new Uint8Array(0) : encodeVrfData(table);
}

export const vrfSyntax: LinkSyntax = {
  kind: "vrf",
  parse,
  print,
  help: ({ process }) => process.print(HELP),
};

/** Ports have no options that could be changed; the kernel says so. */
export const vrfPortSyntax: LinkSyntax = { kind: "vrf_slave", parse, print };
