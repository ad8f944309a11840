// `ip tunnel`: the tunnels over IPv4 (ip-tunnel(8)). What the original asks for by ioctl(SIOCGETTUNNEL) is in the links' own attributes
// too, and is read there. `change`, `prl` and `6rd` are not implemented.

import { decodeGreData } from "../../../links/gre/netlink.ts";
import type { GreData } from "../../../links/gre/netlink.ts";
import { decodeLink, encodeLink } from "../../../netlink/rtnl/link.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE } from "../../../wire/gre.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { fail, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { notImplemented } from "../not-implemented.ts";
import type { Session } from "../session.ts";
import { addTunnel, deleteTunnel } from "./change-tunnel.ts";

/** Returns the exit code. */
export function tunnel(session: Session, args: Arguments): number {
  const word = args.left > 0 ? args.current : "show";
  const makes = matches(word, "add") ? addTunnel : matches(word, "delete") ? deleteTunnel : undefined;
  if (makes) {
    args.advance();
    return makes(session, args);
  }
  const shows = ["show", "lst", "list"].some((name) => matches(word, name));
  if (!shows && !["change", "prl", "6rd", "help"].some((name) => matches(word, name)))
    return fail(args.process, 255, `Command "${word}" is unknown, try "ip tunnel help"\n`);
  if (!shows) return notImplemented("tunnel")(session, args);
  args.advance();
  let name: string | undefined;
  for (; args.left > 0; args.advance()) name = args.current === "name" ? args.next() : args.current;
  return show(session, name);
}

function show(session: Session, wanted: string | undefined): number {
  const { rtnl, links, out } = session;
  const request = { family: AF.UNSPEC, type: 0, index: 0, flags: 0, change: 0 };
  const answer = rtnl.dump(RTM.GETLINK, encodeLink(request));
  if (answer === undefined) return 1;
  out.begin();
  for (const { body } of answer) {
    const link = decodeLink(body);
    if (isMalformed(link) || link.linkinfo?.kind !== "gre" || link.linkinfo.data === undefined) continue;
    const name = link.ifname ?? links.name(link.index);
    const data = decodeGreData(link.linkinfo.data);
    if (isMalformed(data) || (wanted !== undefined && wanted !== name)) continue;
    out.openObject();
    out.fact("ifname", name, `${name}: `, "ifname");
    out.fact("mode", "gre/ip", "gre/ip ");
    print(session, data);
    out.closeObject();
    out.text("\n");
  }
  out.end();
  return 0;
}

/** print_tunnel() of iproute2. */
function print(session: Session, data: GreData): void {
  const { out, links, names } = session;
  for (const [key, address, end] of [
    ["remote", data.remote, " "],
    ["local", data.local, ""],
  ] as const) {
    const text = address?.some((byte) => byte !== 0) === true ? session.host(AF.INET, address) : "any";
    out.text(`${key} `);
    out.fact(key, text, `${text}${end}`, text === "any" ? undefined : "inet");
  }
  const { ttl = 0, tos = 0, inputFlags = 0, outputFlags = 0 } = data;
  if (data.link) out.fact("dev", links.name(data.link), ` dev ${links.name(data.link)}`);
  out.fact("ttl", ttl === 0 ? "inherit" : ttl, ttl === 0 ? " ttl inherit" : ` ttl ${ttl}`);
  if (tos !== 0) {
    const own = names.name("dsfield", tos & ~1);
    const text = tos === 1 ? "inherit" : tos & 1 ? `inherit/${own}` : own;
    out.fact("tos", text, ` tos ${text}`);
  }
  if (data.pmtuDiscovery === 0) out.fact("pmtudisc", false, " nopmtudisc");
  printFlags(session, data, inputFlags, outputFlags);
}

/** tnl_print_gre_flags() */
function printFlags({ out }: Session, data: GreData, inputFlags: number, outputFlags: number): void {
  const { inputKey = 0, outputKey = 0 } = data;
  if (inputFlags & outputFlags & GRE_KEY && inputKey === outputKey) {
    out.fact("key", inputKey, ` key ${inputKey}`);
  } else {
    if (inputFlags & GRE_KEY) out.fact("ikey", inputKey, ` ikey ${inputKey}`);
    if (outputFlags & GRE_KEY) out.fact("okey", outputKey, ` okey ${outputKey}`);
  }
  for (const [key, flags, bit, text] of [
    ["rx_drop_ooseq", inputFlags, GRE_SEQUENCE, "Drop packets out of sequence."],
    ["rx_csum", inputFlags, GRE_CHECKSUM, "Checksum in received packet is required."],
    ["tx_seq", outputFlags, GRE_SEQUENCE, "Sequence packets on output."],
    ["tx_csum", outputFlags, GRE_CHECKSUM, "Checksum output packets."],
  ] as const) {
    if (flags & bit) out.fact(key, true, `${out.lineEnd}  ${text}`);
  }
}
