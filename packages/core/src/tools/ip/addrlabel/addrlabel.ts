// `ip addrlabel`: labels of prefixes, by which IPv6 chooses source addresses (RFC 6724, 2.1).

import { NLM_F } from "../../../netlink/message.ts";
import { decodeAddressLabel, encodeAddressLabel } from "../../../netlink/rtnl/address-label.ts";
import type { AddressLabelMessage } from "../../../netlink/rtnl/address-label.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { requirePrefix } from "../addresses.ts";
import type { Prefix } from "../addresses.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { parseUnsigned } from "../numbers.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";

const USAGE = `Usage: ip addrlabel { add | del } prefix PREFIX [ dev DEV ] [ label LABEL ]
       ip addrlabel [ list | flush | help ]
`;

/** IPV6_ADDR_LABEL_DEFAULT: "no label". */
const NO_LABEL = 0xffff_ffff;
const DUMP_FAILED = 255;

/** Returns the exit code. */
export function addrlabel(session: Session, args: Arguments): number {
  const { process } = session;
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  if (matches(word, "list") || matches(word, "show")) return list(session, args);
  if (matches(word, "add")) return change(session, args, RTM.NEWADDRLABEL, NLM_F.CREATE | NLM_F.EXCL);
  if (matches(word, "delete")) return change(session, args, RTM.DELADDRLABEL, 0);
  if (matches(word, "flush")) return flush(session, args);
  if (matches(word, "help")) return fail(process, 255, USAGE);
  return fail(process, 255, `Command "${word}" is unknown, try "ip addrlabel help".\n`);
}

/** The labels of the family; undefined if the kernel refused, which has been told. */
function labelsOf(session: Session): AddressLabelMessage[] | undefined {
  const family = session.family === AF.UNSPEC ? AF.INET6 : session.family;
  const body = encodeAddressLabel({ family, prefixlen: 0, flags: 0, index: 0, seq: 0 });
  const result = session.rtnl.askAll(RTM.GETADDRLABEL, body);
  if (!result.ok) {
    session.process.warn(`RTNETLINK answers: ${result.text}\nDump terminated\n`);
    return undefined;
  }
  return result.messages.flatMap((message) => {
    const label = decodeAddressLabel(message.body);
    return isMalformed(label) ? [] : [label];
  });
}

function list(session: Session, args: Arguments): number {
  const { process, out, links } = session;
  if (args.left > 0) return giveUp(process, '"ip addrlabel show" does not take any arguments.\n');
  const labels = labelsOf(session);
  if (labels === undefined) return DUMP_FAILED;
  out.begin();
  for (const { family, prefixlen, index, address, label } of labels) {
    out.openObject();
    if (address !== undefined) {
      const text = session.host(family, address);
      out.text("prefix ");
      out.fact("address", text, text, "inet6");
      out.fact("prefixlen", prefixlen, `/${prefixlen} `);
    }
    if (index !== 0) {
      out.text("dev ");
      out.fact("ifname", links.name(index), `${links.name(index)} `, "ifname");
    }
    if (label !== undefined) out.fact("label", label, `label ${label} `);
    out.text("\n");
    out.closeObject();
  }
  out.end();
  return 0;
}

function change(session: Session, args: Arguments, type: number, flags: number): number {
  const { process, links, rtnl } = session;
  let prefix: Prefix | undefined;
  let label: number | undefined;
  let index = 0;
  for (; args.left > 0; args.advance()) {
    if (args.current === "prefix") {
      args.next();
      prefix = requirePrefix(args, session.family);
    } else if (args.current === "dev") {
      index = links.index(args.next());
      if (index === 0) args.invalid("dev is invalid\n");
    } else if (args.current === "label") {
      label = parseUnsigned(args.next());
      if (label === undefined || label >= NO_LABEL) args.invalid("label is invalid\n");
    }
  }
  const missing = (what: string): never =>
    giveUp(process, `Not enough information: "${what}" argument is required.\n`);
  if (prefix === undefined) return missing("prefix");
  if (label === undefined) return missing("label");
  const body = encodeAddressLabel({
    family: session.family === AF.UNSPEC ? AF.INET6 : session.family,
    prefixlen: prefix.bits,
    flags: 0,
    index,
    seq: 0,
    address: prefix.bytes.length > 0 ? prefix.bytes : undefined,
    label,
  });
  return rtnl.talk(type, flags, body) === undefined ? REFUSED : 0;
}

function flush(session: Session, args: Arguments): number {
  const { process, rtnl } = session;
  if (args.left > 0) return giveUp(process, '"ip addrlabel flush" does not allow extra arguments\n');
  const labels = labelsOf(session);
  if (labels === undefined) return DUMP_FAILED;
  for (const label of labels) {
    if (rtnl.talk(RTM.DELADDRLABEL, 0, encodeAddressLabel(label)) === undefined) return REFUSED;
  }
  return 0;
}
