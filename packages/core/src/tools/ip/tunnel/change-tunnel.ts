// `ip tunnel add` and `ip tunnel del` (ip-tunnel(8)): tunnels by the words of ioctl(2), whose numbers for refusals are the link's own.
// GRE only.

import { encodeGreData } from "../../../links/gre/netlink.ts";
import type { GreData } from "../../../links/gre/netlink.ts";
import { ERRNO, strerror } from "../../../netlink/errno.ts";
import { NLM_F } from "../../../netlink/message.ts";
import { decodeLink, encodeLink } from "../../../netlink/rtnl/link.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import { readU32BE } from "../../../wire/bytes.ts";
import { GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE } from "../../../wire/gre.ts";
import { isMulticastIpv4 } from "../../../wire/ipv4-address.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { parseLooseIpv4 } from "../addresses.ts";
import { fail, giveUp, isInterfaceName, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { parseUnsigned } from "../numbers.ts";
import type { Session } from "../session.ts";
import { readTunnelKey } from "./tunnel-key.ts";

/** What is inside IPv4. */
type Mode = "gre" | "ipip" | "sit" | "isatap" | "vti";

const MODES: Readonly<Record<string, Mode>> = {
  gre: "gre",
  "gre/ip": "gre",
  ipip: "ipip",
  "ip/ip": "ipip",
  sit: "sit",
  "ipv6/ip": "sit",
  isatap: "isatap",
  vti: "vti",
};
/** Over IPv6, for which the original goes to another part of itself. */
const MODES_OVER_IPV6 = [
  "ip6ip6",
  "ipv6/ipv6",
  "ipip6",
  "ip/ipv6",
  "ip4ip6",
  "ipv4/ipv6",
  "ip6gre",
  "gre/ipv6",
  "vti6",
  "any/ipv6",
  "any",
];
/** Names that say what the tunnel is, in the order in which they are tried. */
const NAMED_MODES: readonly Mode[] = ["gre", "ipip", "sit", "isatap", "vti"];

type Request = { -readonly [K in keyof GreData]?: GreData[K] };

interface Tunnel {
  readonly name: string;
  readonly mode: Mode | undefined;
  readonly request: Request;
}

const FLAG_WORDS: Readonly<Record<string, readonly [bit: number, input: boolean, output: boolean]>> = {
  key: [GRE_KEY, true, true],
  ikey: [GRE_KEY, true, false],
  okey: [GRE_KEY, false, true],
  seq: [GRE_SEQUENCE, true, true],
  iseq: [GRE_SEQUENCE, true, false],
  oseq: [GRE_SEQUENCE, false, true],
  csum: [GRE_CHECKSUM, true, true],
  icsum: [GRE_CHECKSUM, true, false],
  ocsum: [GRE_CHECKSUM, false, true],
};

/** parse_args() of iptunnel.c. */
function parse(session: Session, args: Arguments): Tunnel {
  const { process } = args;
  const none = new Uint8Array(4);
  const request = { local: none, remote: none, ttl: 0, tos: 0, pmtuDiscovery: 1 } as Request;
  let name = "";
  let mode: Mode | undefined;
  let below: string | undefined;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    const flag = Object.hasOwn(FLAG_WORDS, word) ? FLAG_WORDS[word] : undefined;
    if (word === "mode") {
      const text = args.next();
      mode = Object.hasOwn(MODES, text) ? MODES[text] : undefined;
      if (MODES_OVER_IPV6.includes(text)) giveUp(process, `Tunnels of mode "${text}" are not implemented\n`);
      if (mode === undefined) fail(process, 255, `Unknown tunnel mode "${text}"\n`);
    } else if (flag) {
      const [bit, input, output] = flag;
      if (input) request.inputFlags = (request.inputFlags ?? 0) | bit;
      if (output) request.outputFlags = (request.outputFlags ?? 0) | bit;
      if (bit !== GRE_KEY) continue;
      const key = readTunnelKey(args, word);
      if (input) request.inputKey = key;
      if (output) request.outputKey = key;
    } else if (word === "nopmtudisc") request.pmtuDiscovery = 0;
    else if (word === "pmtudisc") request.pmtuDiscovery = 1;
    else if (word === "remote") request.remote = address(args);
    else if (word === "local") request.local = address(args);
    else if (word === "dev") below = args.next();
    else if (word === "ttl" || word === "hoplimit" || word === "hlim") {
      // the text has its own end of line, as the original's
      if (args.next() !== "inherit")
        request.ttl = parseUnsigned(args.current, 0xff) ?? args.invalid("invalid TTL\n");
    } else if (word === "tos" || word === "tclass" || matches(word, "dsfield")) {
      const text = args.next();
      request.tos =
        text === "inherit" ? 1 : (session.names.id("dsfield", text) ?? args.invalid("bad TOS value"));
    } else {
      if (word === "name") args.next();
      if (name !== "") args.garbage("name");
      name = args.current;
      if (!isInterfaceName(name)) args.invalid('"name" not a valid ifname');
    }
  }
  mode ??= NAMED_MODES.find((each) => name.startsWith(each));
  const hasKey = ((request.inputFlags ?? 0) | (request.outputFlags ?? 0)) & GRE_KEY;
  if (hasKey && mode !== "gre" && mode !== "vti")
    giveUp(process, "Keys are not allowed with ipip and sit tunnels\n");
  if (below !== undefined) {
    request.link = session.links.index(below);
    if (request.link === 0) giveUp(process, `Cannot find device "${below}"\n`);
  }
  checkMulticast(args, request);
  return { name, mode, request };
}

/** get_addr32() */
function address(args: Arguments): Uint8Array {
  const text = args.next();
  if (["any", "all", "default"].includes(text)) return new Uint8Array(4);
  const bytes = parseLooseIpv4(text);
  return bytes ?? fail(args.process, 1, `Error: an IP address is expected rather than "${text}"\n`);
}

/** Groups are their own keys, and need a source. */
function checkMulticast({ process }: Arguments, request: Request): void {
  const remote = request.remote ? readU32BE(request.remote, 0) : 0;
  if (!isMulticastIpv4(remote)) return;
  if ((request.inputKey ?? 0) === 0) {
    request.inputKey = remote;
    request.inputFlags = (request.inputFlags ?? 0) | GRE_KEY;
  }
  if ((request.outputKey ?? 0) === 0) {
    request.outputKey = remote;
    request.outputFlags = (request.outputFlags ?? 0) | GRE_KEY;
  }
  if (request.local?.every((byte) => byte === 0) === true)
    giveUp(process, "A broadcast tunnel requires a source address\n");
}

export function addTunnel(session: Session, args: Arguments): number {
  const { process, rtnl } = session;
  const { name, mode, request } = parse(session, args);
  if ((request.ttl ?? 0) !== 0 && request.pmtuDiscovery === 0)
    giveUp(process, "ttl != 0 and nopmtudisc are incompatible\n");
  if (mode === undefined) giveUp(process, "cannot determine tunnel mode (ipip, gre, vti or sit)\n");
  if (mode !== "gre") giveUp(process, `Tunnels of mode "${mode}" are not implemented\n`);
  const link = {
    ...(name === "" ? {} : { ifname: name }),
    linkinfo: { kind: "gre", data: encodeGreData(request) },
  };
  const answer = rtnl.ask(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, encodeLink(link));
  if (answer.ok) return 0;
  return giveUp(process, `add tunnel "gre0" failed: ${strerror(answer.errno)}\n`);
}

export function deleteTunnel(session: Session, args: Arguments): number {
  const { process, rtnl } = session;
  const { name, mode } = parse(session, args);
  const device = name === "" && mode === "gre" ? "gre0" : name;
  const refuse = (errno: number): never =>
    giveUp(process, `delete tunnel "${device}" failed: ${strerror(errno)}\n`);
  const index = device === "" ? 0 : session.links.index(device);
  if (index === 0) return refuse(ERRNO.ENODEV);
  const found = rtnl.ask(RTM.GETLINK, 0, encodeLink({ index }));
  const [message] = found.ok ? found.messages : [];
  const link = message && decodeLink(message.body);
  if (!link || isMalformed(link) || link.linkinfo?.kind !== "gre") return refuse(ERRNO.EOPNOTSUPP);
  if (device === "gre0") return refuse(ERRNO.EPERM);
  const answer = rtnl.ask(RTM.DELLINK, 0, encodeLink({ index }));
  return answer.ok ? 0 : refuse(answer.errno);
}
