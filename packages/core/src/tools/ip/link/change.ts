// `ip link add`, `set`, `delete` and `property`.

import { NLM_F } from "../../../netlink/message.ts";
import { encodeLink } from "../../../netlink/rtnl/link.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import type { Arguments } from "../arguments.ts";
import { fail, giveUp, isAlternativeName, matches } from "../arguments.ts";
import { decodeLinks } from "../link-cache.ts";
import type { LinkKinds, LinkParser, LinkRequest } from "../link-syntax.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { isListedKind } from "./help.ts";
import { LinkOptionParser } from "./options.ts";
import type { LinkOptions } from "./options.ts";

/** Reads options and makes a request of them: of a new device if `create`, otherwise of one that must exist. */
function requestOf(session: Session, args: Arguments, create: boolean, usage: () => never): LinkOptions {
  const { process } = session;
  const options = new LinkOptionParser(session, args, usage).parse();
  const { request } = options;
  if (options.device !== undefined && request.address !== undefined) {
    checkAddressLength(session, options.device, request.address.length);
  }
  if (!create && options.index !== 0) moveToIndex(session, options);
  if (options.group !== undefined && options.device === undefined) {
    if (args.left > 0) garbage(session, args, 255);
    if (create) fail(process, 255, "group cannot be used when creating devices.\n");
    options.kind = undefined;
    return options;
  }
  if (create) {
    if (options.name !== options.device) {
      fail(process, 255, 'both "name" and "dev" cannot be used when creating devices.\n');
    }
    if (options.link !== undefined) request.link = session.deviceIndex(options.link);
    request.index = options.index;
    if (options.name !== undefined) request.ifname = options.name;
    return options;
  }
  if (options.device === undefined) {
    fail(process, 255, 'Not enough information: "dev" argument is required.\n');
  }
  request.index = session.deviceIndex(options.device);
  if (options.name !== undefined && options.name !== options.device) request.ifname = options.name;
  return options;
}

/** A device that moves to another namespace may get another number there. */
function moveToIndex({ process }: Session, { request, index }: LinkOptions): void {
  if (request.netNsFd === undefined && request.netNsPid === undefined) {
    const message = "index can be used only when creating devices or when moving device to another netns.\n";
    fail(process, 255, message);
  }
  request.newIfindex = index;
}

function garbage(session: Session, args: Arguments, code: number): never {
  const message = `Garbage instead of arguments "${args.current} ...". Try "ip link help".\n`;
  return code === 1 ? giveUp(session.process, message) : fail(session.process, code, message);
}

/** An existing device's addresses have a length; a new address must have the same. */
function checkAddressLength(session: Session, device: string, length: number): void {
  const answer = session.rtnl.ask(RTM.GETLINK, 0, encodeLink({ ifname: device }));
  const [link] = answer.ok ? decodeLinks(answer.messages) : [];
  const wanted = link?.address?.length;
  if (wanted !== undefined && wanted !== length) {
    giveUp(session.process, `Invalid address length ${length} - must be ${wanted} bytes\n`);
  }
}

/** `add`, `set`, `replace`, `change`: one RTM_NEWLINK. `delete`: one RTM_DELLINK. */
export function changeLink(
  session: Session,
  kinds: LinkKinds,
  args: Arguments,
  type: number,
  flags: number,
  usage: () => never,
): number {
  const create = (flags & NLM_F.CREATE) !== 0;
  const { request, kind } = requestOf(session, args, create, usage);
  if (kind !== undefined) request.linkinfo = readKind(session, kinds, args, kind, !create, usage);
  else if (create) {
    return giveUp(session.process, 'Not enough information: "type" argument is required\n');
  }
  return session.rtnl.talk(type, flags, encodeLink(request)) === undefined ? REFUSED : 0;
}

/** The words behind `type KIND`. */
function readKind(
  session: Session,
  kinds: LinkKinds,
  args: Arguments,
  kind: string,
  changing: boolean,
  usage: () => never,
): NonNullable<LinkRequest["linkinfo"]> {
  const syntax = kinds.get(kind);
  if (args.left === 0) return { kind };
  if (syntax?.parse !== undefined) {
    const parser: LinkParser = {
      session,
      changing,
      parseEnd(rest) {
        // The other end is a link of its own, made at the same moment.
        const end = requestOf(session, rest, true, usage);
        if (end.kind !== undefined) rest.duplicate("type");
        return end.request;
      },
    };
    const data = syntax.parse(args, parser);
    return kind.endsWith("_slave") ? { kind, slaveData: data } : { kind, data };
  }
  if (matches(args.current, "help")) usage();
  if (isListedKind(kind)) giveUp(session.process, `Link type "${kind}" is not implemented\n`);
  return garbage(session, args, 1);
}

/** `ip link property add|del dev DEV altname NAME [altname NAME] ...`. */
export function changeProperties(session: Session, args: Arguments, usage: () => never): number {
  const { process } = session;
  if (args.left === 0 || matches(args.current, "help")) usage();
  const add = matches(args.current, "add");
  if (!add && !matches(args.current, "del")) fail(process, 255, "Operator required\n");
  args.advance();
  let device: string | undefined;
  const names: string[] = [];
  for (; args.left > 0; args.advance()) {
    if (args.current === "altname") {
      if (!isAlternativeName(args.next())) args.invalid("not a valid altname");
      names.push(args.current);
      continue;
    }
    if (matches(args.current, "help")) usage();
    if (args.current === "dev") args.next();
    if (device !== undefined) args.garbage("dev");
    device = args.current;
  }
  if (device === undefined)
    return fail(process, 255, 'Not enough of information: "dev" argument is required.\n');
  const index = session.deviceIndex(device);
  const flags = add ? NLM_F.CREATE | NLM_F.EXCL | NLM_F.APPEND : 0;
  const body = encodeLink({ index, propList: { altIfname: names } });
  const answer = session.rtnl.talk(add ? RTM.NEWLINKPROP : RTM.DELLINKPROP, flags, body);
  return answer === undefined ? REFUSED : 0;
}
