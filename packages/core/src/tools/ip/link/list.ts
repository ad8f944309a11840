// Lists links and their addresses: `ip link show` and `ip address show` share one grammar and one way to ask the kernel.

import { decodeAddress } from "../../../netlink/rtnl/address.ts";
import type { AddressMessage } from "../../../netlink/rtnl/address.ts";
import { IFF, RTEXT_FILTER } from "../../../netlink/rtnl/link-constants.ts";
import { encodeLink } from "../../../netlink/rtnl/link.ts";
import type { LinkMessage, LinkParts } from "../../../netlink/rtnl/link.ts";
import { encodeAddress } from "../../../netlink/rtnl/address.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { addressFlagFilter } from "../address/flags.ts";
import { addressMatches, printAddress } from "../address/print.ts";
import type { Arguments } from "../arguments.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import { requirePrefix } from "../addresses.ts";
import { decodeLinks } from "../link-cache.ts";
import type { LinkKinds } from "../link-syntax.ts";
import type { Session } from "../session.ts";
import { everything, showsLink } from "./filter.ts";
import type { LinkFilter } from "./filter.ts";
import { printLink, printLinkBrief } from "./print.ts";
import { printStatistics } from "./statistics.ts";

/** What the words of a listing ask for. */
export interface Listing {
  readonly filter: LinkFilter;
  /** A device was named. */
  readonly device: string | undefined;
}

/** Reads the words behind `show`, `flush` or `save`. `usage` ends the program. */
export function parseListing(session: Session, args: Arguments, usage: () => never): Listing {
  const { links, names } = session;
  const filter = everything(session.family);
  let device: string | undefined;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    const flag = addressFlagFilter(word);
    if (word === "to") {
      args.next();
      filter.prefix = requirePrefix(args, filter.family);
      if (filter.family === AF.UNSPEC) filter.family = filter.prefix.family;
    } else if (word === "scope") {
      args.next();
      const scope = names.id("scope", args.current);
      if (scope === undefined && args.current !== "all") args.invalid('invalid "scope"\n');
      filter.scope = scope ?? 255;
      filter.scopeMask = scope === undefined ? 0 : -1;
    } else if (word === "up") filter.up = true;
    else if (flag !== undefined) {
      filter.flagMask |= flag.mask;
      filter.flags = flag.wanted ? filter.flags | flag.mask : filter.flags & ~flag.mask;
    } else if (word === "label") filter.label = args.next();
    else if (word === "group") {
      filter.group = names.id("group", args.next()) ?? args.invalid('Invalid "group" value\n');
    } else if (word === "master") {
      filter.master = links.index(args.next()) || args.invalid("Device does not exist\n");
    } else if (word === "vrf") {
      filter.master = vrfIndex(session, args.next()) ?? args.invalid("Not a valid VRF name\n");
    } else if (word === "nomaster") filter.master = -1;
    else if (word === "type") {
      const kind = args.next();
      if (kind.endsWith("_slave")) filter.slaveKind = kind.slice(0, -"_slave".length);
      else filter.kind = kind;
    } else {
      if (word === "dev") args.next();
      else if (matches(word, "help")) usage();
      if (device !== undefined) args.garbage("dev");
      device = args.current;
    }
  }
  if (device !== undefined) {
    filter.ifindex = links.index(device);
    if (filter.ifindex === 0) giveUp(session.process, `Device "${device}" does not exist.\n`);
  }
  return { filter, device };
}

/** ifindex of a device of kind "vrf"; undefined if the name stands for something else. */
export function vrfIndex(session: Session, name: string): number | undefined {
  const index = session.links.index(name);
  if (index === 0) return undefined;
  const answer = session.rtnl.ask(RTM.GETLINK, 0, encodeLink({ index }));
  const [link] = answer.ok ? decodeLinks(answer.messages) : [];
  return link?.linkinfo?.kind === "vrf" ? index : undefined;
}

/** Lists. `aboutLinks`: for `ip link`. */
export function list(session: Session, kinds: LinkKinds, listing: Listing, aboutLinks: boolean): number {
  const { out } = session;
  const { filter, device } = listing;
  out.begin();
  if (device !== undefined && filter.group === undefined && aboutLinks) {
    const code = showOne(session, kinds, listing);
    out.end();
    return code;
  }
  const links = filter.ifindex !== 0 ? askOne(session, filter) : askAll(session, filter);
  let addresses: AddressMessage[] = [];
  if (links !== undefined && filter.family !== AF.PACKET) {
    const all = askAddresses(session, filter);
    if (all === undefined) fail(session.process, 1, "Dump terminated\n");
    addresses = all;
  }
  const shown =
    filter.family === AF.PACKET ? links : links?.filter((link) => hasRoom(session, filter, link, addresses));
  for (const link of shown ?? []) printEntry(session, kinds, filter, link, addresses, aboutLinks);
  out.end();
  return links === undefined ? 1 : 0;
}

function printEntry(
  session: Session,
  kinds: LinkKinds,
  filter: LinkFilter,
  link: LinkMessage,
  addresses: readonly AddressMessage[],
  aboutLinks: boolean,
): void {
  const { out, options } = session;
  const withAddresses = filter.family !== AF.PACKET;
  const wanted = showsLink(filter, link);
  // With a label only addresses are listed.
  const noLink = filter.label !== undefined || (options.oneline && withAddresses);
  const withLink = options.brief || !noLink;
  out.openObject();
  if (withLink && wanted) {
    if (options.brief) printLinkBrief(session, link, filter.family);
    else printLink(session, kinds, link, { aboutLinks, family: filter.family, queueLength: true });
  }
  if (withAddresses && (wanted || !withLink)) printAddresses(session, filter, link, addresses);
  if (withLink && wanted && !aboutLinks && options.stats > 0 && !options.brief) {
    printStatistics(session, link);
    out.text("\n");
  }
  out.closeObject();
}

/** What of links is shown. */
function partsFor({ options }: Session): LinkParts {
  return options.stats > 0 || options.details > 0 ? "whole" : "outline";
}

function showOne(session: Session, kinds: LinkKinds, { filter, device }: Listing): number {
  const { rtnl, out, options, process } = session;
  // The name may be an alternative one, which the kernel does not look up as IFLA_IFNAME.
  const known = device !== undefined && device.length < 16 ? { ifname: device } : { altIfname: device };
  const question = { family: filter.family, ...known, extMask: RTEXT_FILTER.VF };
  const answer = rtnl.talk(RTM.GETLINK, 0, encodeLink(question));
  // Only "ifN" gets this far without being a name.
  if (answer === undefined) return fail(process, 1, "Cannot send link get request: No such device\n");
  for (const link of decodeLinks(answer, partsFor(session))) {
    out.openObject();
    if (showsLink(filter, link)) {
      if (options.brief) printLinkBrief(session, link, filter.family);
      else printLink(session, kinds, link, { aboutLinks: true, family: filter.family, queueLength: true });
    }
    out.closeObject();
  }
  return 0;
}

function askOne(session: Session, filter: LinkFilter): LinkMessage[] | undefined {
  const extMask = RTEXT_FILTER.VF | (session.options.stats > 0 ? 0 : RTEXT_FILTER.SKIP_STATS);
  const question = { family: filter.family, index: filter.ifindex, extMask };
  const answer = session.rtnl.talk(RTM.GETLINK, 0, encodeLink(question));
  return answer && decodeLinks(answer, partsFor(session));
}

function askAll(session: Session, filter: LinkFilter): LinkMessage[] | undefined {
  const question: Parameters<typeof encodeLink>[0] = { family: filter.family };
  const answer = session.rtnl.dump(
    RTM.GETLINK,
    // The inet6 dump of strict checking takes no attributes.
    encodeLink(
      filter.family === AF.UNSPEC || filter.family === AF.PACKET
        ? {
            ...question,
            extMask: RTEXT_FILTER.VF,
            ...(filter.master !== 0 ? { master: filter.master >>> 0 } : {}),
            ...(filter.kind !== undefined ? { linkinfo: { kind: filter.kind } } : {}),
          }
        : question,
    ),
  );
  if (answer === undefined) fail(session.process, 1, "Dump terminated\n");
  const links = decodeLinks(answer, partsFor(session));
  for (const link of links) session.links.remember(link);
  return links;
}

/** All addresses of the family (and device) in the kernel's order. */
export function askAddresses(session: Session, filter: LinkFilter): AddressMessage[] | undefined {
  const family = filter.family === AF.PACKET ? AF.UNSPEC : filter.family;
  const answer = session.rtnl.dump(RTM.GETADDR, encodeAddress({ family, index: filter.ifindex }));
  if (answer === undefined) return undefined;
  const addresses: AddressMessage[] = [];
  for (const { type, body } of answer) {
    const address = decodeAddress(body);
    if (type === RTM.NEWADDR && !isMalformed(address)) addresses.push(address);
  }
  return addresses;
}

/** False for a link that would have no address to show although addresses are asked for. */
function hasRoom(
  session: Session,
  filter: LinkFilter,
  link: LinkMessage,
  all: readonly AddressMessage[],
): boolean {
  const own = all.filter((address) => address.index === link.index);
  if (own.length === 0) return filter.family === AF.UNSPEC || filter.family === AF.PACKET;
  return own.some((address) => addressMatches(session, filter, address));
}

function printAddresses(
  session: Session,
  filter: LinkFilter,
  link: LinkMessage,
  addresses: readonly AddressMessage[],
): void {
  const { out, options } = session;
  out.openArray("addr_info");
  for (const address of addresses) {
    if (address.index !== link.index) continue;
    if (filter.family !== AF.UNSPEC && filter.family !== address.family) continue;
    if (filter.up && (link.flags & IFF.UP) === 0) continue;
    out.openObject();
    if (addressMatches(session, filter, address)) {
      printAddress(session, address, { withDevice: options.oneline, brief: options.brief });
    }
    out.closeObject();
  }
  out.closeArray();
  if (options.brief) out.text("\n");
}
