// `ip address flush`: dumps, deletes what matches, and looks again until nothing is left.

import { encodeAddress, IFA_F } from "../../../netlink/rtnl/address.ts";
import type { AddressMessage } from "../../../netlink/rtnl/address.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { fail, giveUp } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { askAddresses, parseListing } from "../link/list.ts";
import type { Session } from "../session.ts";
import { addressMatches, printAddress } from "./print.ts";

export function flushAddresses(session: Session, args: Arguments, usage: () => never): number {
  const { process, options } = session;
  if (args.left === 0) giveUp(process, "Flush requires arguments.\n");
  if (session.family === AF.PACKET) giveUp(process, "Cannot flush link addresses.\n");
  const { filter } = parseListing(session, args, usage);
  // Deleting a primary address may make a secondary one primary, which a second round would delete as well.
  const primariesOnly = (filter.flagMask & ~filter.flags & IFA_F.SECONDARY) !== 0;
  let round = 0;
  while (options.flushRounds === 0 || round < options.flushRounds) {
    const found = askAddresses(session, filter)?.filter((address) =>
      addressMatches(session, filter, address),
    );
    if (found === undefined) return fail(process, 1, "Flush terminated\n");
    if (found.length === 0) return done(session, round);
    if (options.stats > 1) {
      for (const address of found) printAddress(session, address, { withDevice: true, brief: options.brief });
    }
    round++;
    deleteAll(session, found);
    if (options.stats > 0) process.print(`\n*** Round ${round}, deleting ${found.length} addresses ***\n`);
    if (primariesOnly) return done(session, round);
  }
  process.flush();
  process.warn(`*** Flush remains incomplete after ${options.flushRounds} rounds. ***\n`);
  return 1;
}

/** A secondary address goes with its primary one, so that its own deletion fails; nobody is told. */
function deleteAll({ rtnl }: Session, addresses: readonly AddressMessage[]): void {
  for (const address of addresses) rtnl.ask(RTM.DELADDR, 0, encodeAddress(address));
}

function done({ process, options }: Session, rounds: number): number {
  if (options.stats === 0) return 0;
  if (rounds === 0) process.print("Nothing to flush.\n");
  else process.print(`*** Flush is complete after ${rounds} round${rounds > 1 ? "s" : ""} ***\n`);
  return 0;
}
