// `ip address save`, `restore` and `showdump`.

import { decodeAddress, encodeAddress } from "../../../netlink/rtnl/address.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { fail } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import {
  ADDRESS_DUMP,
  beginDump,
  readDump,
  refuseTruncated,
  restoreMessages,
  writeDump,
} from "../dump-file.ts";
import { parseListing } from "../link/list.ts";
import type { Session } from "../session.ts";
import { printAddress } from "./print.ts";

/** Of the words only the family and the device count: the kernel knows these, and nothing is sifted here. */
export function saveAddresses(session: Session, args: Arguments, usage: () => never): number {
  const { filter } = parseListing(session, args, usage);
  beginDump(session, ADDRESS_DUMP);
  const family = filter.prefix === undefined && filter.family !== AF.PACKET ? filter.family : AF.UNSPEC;
  const answer = session.rtnl.dump(RTM.GETADDR, encodeAddress({ family, index: filter.ifindex }));
  if (answer === undefined) return fail(session.process, 1, "Save terminated\n");
  writeDump(session, answer);
  return 0;
}

export async function showSavedAddresses(session: Session): Promise<number> {
  const { out } = session;
  const file = await readDump(session, ADDRESS_DUMP);
  out.begin();
  out.openObject();
  out.openArray("addr_info");
  for (const { body } of file.messages) {
    const address = decodeAddress(body);
    if (isMalformed(address)) continue;
    out.openObject();
    out.fact("index", address.index, `if${address.index}:${out.lineEnd}`);
    printAddress(session, address, { withDevice: false, brief: session.options.brief });
    out.closeObject();
  }
  out.closeArray();
  out.closeObject();
  out.end();
  refuseTruncated(session, ADDRESS_DUMP, file);
  return 0;
}

export async function restoreAddresses(session: Session): Promise<number> {
  const file = await readDump(session, ADDRESS_DUMP);
  restoreMessages(session, ADDRESS_DUMP, file.messages);
  refuseTruncated(session, ADDRESS_DUMP, file);
  return 0;
}
