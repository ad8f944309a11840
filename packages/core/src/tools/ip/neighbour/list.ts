// `ip neighbour show` and `flush`.

import { decodeNeighbour, encodeNeighbour, NTF, NUD } from "../../../netlink/rtnl/neighbour.ts";
import type { NeighbourMessage } from "../../../netlink/rtnl/neighbour.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { requirePrefix, samePrefix } from "../addresses.ts";
import type { Prefix } from "../addresses.ts";
import { vrfIndex } from "../link/list.ts";
import type { Session } from "../session.ts";
import { neighbourUsage } from "./help.ts";
import { printNeighbour, stateByName } from "./print.ts";

/** Rounds after which a flush that finds ever new entries gives up. */
const MAX_ROUNDS = 10;

/** Stands for state "none" in a mask of states. */
const STATE_NONE = 0x100;

interface Filter {
  family: number;
  /** 0: all. */
  ifindex: number;
  master: number | undefined;
  unusedOnly: boolean;
  states: number;
  proxies: boolean;
  protocol: number;
  prefix: Prefix | undefined;
}

function parseFilter(session: Session, args: Arguments, flush: boolean): Filter {
  const filter: Filter = {
    family: session.family,
    ifindex: 0,
    master: undefined,
    unusedOnly: false,
    states: flush ? ~(NUD.PERMANENT | NUD.NOARP) : 0xff & ~NUD.NOARP,
    proxies: false,
    protocol: 0,
    prefix: undefined,
  };
  let device: string | undefined;
  let statesGiven = false;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (word === "dev") {
      args.next();
      if (device !== undefined) args.duplicate("dev");
      device = args.current;
    } else if (word === "master") {
      filter.master = session.links.index(args.next()) || args.invalid("Device does not exist\n");
    } else if (word === "vrf") {
      filter.master = vrfIndex(session, args.next()) ?? args.invalid("Not a valid VRF name\n");
    } else if (word === "nomaster") filter.master = 0xffff_ffff;
    else if (word === "unused") filter.unusedOnly = true;
    else if (word === "nud") {
      if (!statesGiven) filter.states = 0;
      statesGiven = true;
      const state = stateByName(args.next());
      if (state === undefined && args.current !== "all") args.invalid("nud state is bad");
      filter.states |= state ?? (flush ? ~NUD.NOARP : ~0);
      if (state === NUD.NONE) filter.states |= STATE_NONE;
    } else if (word === "proxy") filter.proxies = true;
    else if (matches(word, "protocol")) {
      const protocol = session.names.id("protocol", args.next());
      if (protocol === undefined && args.current !== "all") args.invalid('invalid "protocol"\n');
      filter.protocol = protocol ?? 0;
    } else {
      if (word === "to") args.next();
      if (matches(args.current, "help")) neighbourUsage(session);
      filter.prefix = requirePrefix(args, filter.family);
      if (filter.family === AF.UNSPEC) filter.family = filter.prefix.family;
    }
  }
  session.links.load();
  if (device !== undefined) filter.ifindex = session.deviceIndex(device);
  return filter;
}

function shows(filter: Filter, neighbour: NeighbourMessage): boolean {
  const { state, flags, dst } = neighbour;
  if (filter.family !== AF.UNSPEC && filter.family !== neighbour.family) return false;
  if (filter.ifindex !== 0 && filter.ifindex !== neighbour.ifindex) return false;
  const anyState = (flags & (NTF.PROXY | NTF.EXT_LEARNED)) !== 0;
  const none = state === 0 && (filter.states & STATE_NONE) !== 0;
  if ((filter.states & state) === 0 && !anyState && !none) return false;
  const { prefix } = filter;
  if (prefix !== undefined && prefix.family !== AF.UNSPEC) {
    if (dst === undefined || prefix.family !== neighbour.family) return false;
    if (!samePrefix(dst, prefix.bytes, prefix.bits)) return false;
  }
  if (filter.protocol !== 0 && filter.protocol !== (neighbour.protocol ?? 0)) return false;
  return !(filter.unusedOnly && (neighbour.cacheinfo?.refcnt ?? 0) !== 0);
}

function dump(session: Session, filter: Filter): NeighbourMessage[] | undefined {
  const answer = session.rtnl.dump(
    RTM.GETNEIGH,
    encodeNeighbour({
      family: filter.family,
      flags: filter.proxies ? NTF.PROXY : 0,
      ndaIfindex: filter.ifindex || undefined,
      master: filter.master,
    }),
  );
  if (answer === undefined) return undefined;
  const neighbours: NeighbourMessage[] = [];
  for (const { type, body } of answer) {
    const neighbour = decodeNeighbour(body);
    if (type === RTM.NEWNEIGH && !isMalformed(neighbour) && shows(filter, neighbour))
      neighbours.push(neighbour);
  }
  return neighbours;
}

export function listNeighbours(session: Session, args: Arguments): number {
  const { out, process } = session;
  const filter = parseFilter(session, args, false);
  out.begin();
  const neighbours = dump(session, filter);
  if (neighbours === undefined) return fail(process, 1, "Dump terminated\n");
  for (const neighbour of neighbours)
    printNeighbour(session, neighbour, { withoutDevice: filter.ifindex !== 0 });
  out.end();
  return 0;
}

export function flushNeighbours(session: Session, args: Arguments): number {
  const { process, options, rtnl } = session;
  if (args.left === 0) giveUp(process, "Flush requires arguments.\n");
  const filter = parseFilter(session, args, true);
  for (let round = 0; round < MAX_ROUNDS;) {
    const neighbours = dump(session, filter);
    if (neighbours === undefined) return fail(process, 1, "Flush terminated\n");
    if (neighbours.length === 0) {
      if (options.stats > 0) {
        process.print(
          round === 0
            ? "Nothing to flush.\n"
            : `*** Flush is complete after ${round} round${round > 1 ? "s" : ""} ***\n`,
        );
      }
      return 0;
    }
    if (options.stats > 1) {
      for (const neighbour of neighbours)
        printNeighbour(session, neighbour, { withoutDevice: filter.ifindex !== 0 });
    }
    round++;
    for (const neighbour of neighbours) {
      const result = rtnl.ask(RTM.DELNEIGH, 0, encodeNeighbour(neighbour));
      if (!result.ok) fail(process, 1, `Failed to send flush request: ${result.text}\n`);
    }
    if (options.stats > 0) process.print(`\n*** Round ${round}, deleting ${neighbours.length} entries ***\n`);
    // Deleting an entry that is in use leaves it as failed for a while.
    filter.states &= ~NUD.FAILED;
  }
  process.print(`*** Flush not complete bailing out after ${MAX_ROUNDS} rounds\n`);
  return 255;
}
