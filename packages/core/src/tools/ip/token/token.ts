// `ip token`: the lower half of the addresses that router advertisements bring (tokenized identifiers).

import { decodeLink, encodeLink, inet6Specification } from "../../../netlink/rtnl/link.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { requirePrefix } from "../addresses.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";

const USAGE = `Usage: ip token [ list | set | del | get ] [ TOKEN ] [ dev DEV ]
`;

const LOOPBACK = 0x8;
const NOARP = 0x80;

/** Returns the exit code. */
export function token(session: Session, args: Arguments): number {
  const { process } = session;
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  for (const name of ["list", "lst", "show", "get"]) if (matches(word, name)) return list(session, args);
  if (matches(word, "set") || matches(word, "add")) return set(session, args);
  if (matches(word, "delete")) return set(session, args, new Uint8Array(16));
  if (matches(word, "help")) return fail(process, 255, USAGE);
  return fail(process, 255, `Command "${word}" is unknown, try "ip token help".\n`);
}

function list(session: Session, args: Arguments): number {
  const { rtnl, links, out } = session;
  let wanted = 0;
  for (; args.left > 0; args.advance()) {
    if (args.current !== "dev") continue;
    wanted = links.index(args.next());
    if (wanted === 0) args.invalid("dev is invalid\n");
    break;
  }
  const request = { family: AF.INET6, type: 0, index: 0, flags: 0, change: 0 };
  const answer = rtnl.dump(RTM.GETLINK, encodeLink(request));
  if (answer === undefined) return 1;
  out.begin();
  for (const { body } of answer) {
    const link = decodeLink(body);
    if (isMalformed(link) || (wanted !== 0 && link.index !== wanted)) continue;
    if (link.flags & (LOOPBACK | NOARP) || link.protinfo === undefined) continue;
    const specification = inet6Specification.decode(link.protinfo);
    if (isMalformed(specification) || specification.token === undefined) continue;
    const text = session.host(AF.INET6, specification.token);
    const name = link.ifname ?? links.name(link.index);
    out.openObject();
    out.text("token ");
    out.fact("token", text, text, "inet6");
    out.text(" dev ");
    out.fact("ifname", name, `${name}\n`, "ifname");
    out.closeObject();
  }
  out.end();
  return 0;
}

function set(session: Session, args: Arguments, given?: Uint8Array): number {
  const { process, links, rtnl } = session;
  let identifier = given;
  let index = 0;
  for (; args.left > 0; args.advance()) {
    if (args.current === "dev") {
      args.next();
      if (index !== 0) continue;
      index = links.index(args.current);
      if (index === 0) args.invalid("dev is invalid\n");
    } else {
      if (args.current === "token") args.next();
      identifier ??= requirePrefix(args, AF.INET6).bytes;
    }
  }
  if (identifier === undefined) return giveUp(process, "Not enough information: token is required.\n");
  if (index === 0) return giveUp(process, 'Not enough information: "dev" argument is required.\n');
  const body = encodeLink({
    family: AF.INET6,
    type: 0,
    index,
    flags: 0,
    change: 0,
    afSpec: { inet6: { token: identifier } },
  });
  return rtnl.talk(RTM.SETLINK, 0, body) === undefined ? REFUSED : 0;
}
