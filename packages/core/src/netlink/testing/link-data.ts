/** Recorded IFLA_LINKINFO payloads, for the tests of links/KIND/netlink.ts. */

import { expect } from "vitest";
import { isMalformed } from "../../wire/malformed.ts";
import type { AnyFields, Attributes, AttributeTable } from "../attribute-table.ts";
import { decodeLink, type LinkMessage } from "../rtnl/link.ts";
import { RTM } from "../rtnl/types.ts";
import { exchanges, type Profile, toHex } from "./exchanges.ts";

/** Every recorded link message: `sent` by a tool or not. */
function recordedLinks(
  profile: Profile,
  wanted: "sent" | "received",
): { command: string; link: LinkMessage }[] {
  return exchanges(profile, "link").flatMap((each) =>
    each[wanted].flatMap(({ type, body }) => {
      if (type !== RTM.NEWLINK && type !== RTM.SETLINK) return [];
      const link = decodeLink(body);
      return isMalformed(link) ? [] : [{ command: each.command, link }];
    }),
  );
}

/** Checks that the table encodes every received payload that `pick` finds to the same bytes; returns the records. */
export function expectSameData<F extends AnyFields>(
  table: AttributeTable<F>,
  profile: Profile,
  pick: (link: LinkMessage) => Uint8Array | undefined,
): Attributes<F>[] {
  return recordedLinks(profile, "received").flatMap(({ command, link }) => {
    const payload = pick(link);
    if (payload === undefined) return [];
    const record = table.decode(payload);
    if (isMalformed(record)) throw new Error(`${command}: ${record}`);
    expect([command, toHex(table.encode(record))]).toEqual([command, toHex(payload)]);
    expect([command, record.unknown]).toEqual([command, undefined]);
    return [record];
  });
}

/** The records that tools sent, by command. */
export function sentData<F extends AnyFields>(
  table: AttributeTable<F>,
  profile: Profile,
  pick: (link: LinkMessage) => Uint8Array | undefined,
): ReadonlyMap<string, Attributes<F>> {
  const all = new Map<string, Attributes<F>>();
  for (const { command, link } of recordedLinks(profile, "sent")) {
    const payload = pick(link);
    if (payload === undefined) continue;
    const record = table.decode(payload);
    if (isMalformed(record)) throw new Error(`${command}: ${record}`);
    expect([command, record.unknown]).toEqual([command, undefined]);
    all.set(command, record);
  }
  return all;
}
