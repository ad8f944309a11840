// Matches and actions in the syntax of ovs-fields(7) and ovs-actions(7). Values come from small pools, so that packets meet flows.

import type { Words } from "./words.ts";

const MACS = [
  "50:54:00:00:00:05",
  "50:54:00:00:00:07",
  "ff:ff:ff:ff:ff:ff",
  "01:00:5e:00:00:01",
  "33:33:00:00:00:01",
];
const IPS = ["10.0.0.1", "10.0.0.2", "192.168.0.1", "224.0.0.5", "10.1.2.3"];
const IP6S = ["fe80::1", "2001:db8::1", "2001:db8::2", "ff02::1:ff00:1"];
const PORTS = ["1", "2", "3", "4"];
const L4 = ["0", "53", "80", "443", "8080", "65535"];
const REGISTERS = ["reg0", "reg1", "reg2", "reg5", "reg14", "reg15"];

type Protocol =
  | ""
  | "ip"
  | "tcp"
  | "udp"
  | "sctp"
  | "icmp"
  | "arp"
  | "rarp"
  | "ipv6"
  | "tcp6"
  | "udp6"
  | "sctp6"
  | "icmp6"
  | "nd"
  | "mpls"
  | "mplsm"
  | "other";
const PROTOCOLS: readonly Protocol[] = [
  "", "", "ip", "ip", "tcp", "tcp", "udp", "sctp", "icmp", "arp", "rarp",
  "ipv6", "tcp6", "udp6", "sctp6", "icmp6", "nd", "mpls", "mplsm", "other",
]; // prettier-ignore

/** The word, or its words, that say what protocol it is. */
function protocolWords(protocol: Protocol, words: Words): string[] {
  switch (protocol) {
    case "":
      return [];
    case "nd":
      return ["icmp6", `icmp_type=${words.pick(["135", "136"])}`, "icmp_code=0"];
    case "other":
      return [`dl_type=0x${words.pick(["1234", "88cc", "8906", "05ff"])}`];
    default:
      return [protocol];
  }
}

/** Values of fields that go with a protocol, without masks. */
function fieldsOf(protocol: Protocol, words: Words): string[] {
  const ip = (name: string): string => `${name}=${words.pick(IPS)}`;
  const ip6 = (name: string): string => `${name}=${words.pick(IP6S)}`;
  const v4 = [
    ip("nw_src"), ip("nw_dst"), `nw_tos=${words.pick(["0", "16", "224"])}`, `nw_ecn=${words.below(4)}`,
    `nw_ttl=${words.pick(["1", "2", "64"])}`,
  ]; // prettier-ignore
  const v6 = [
    ip6("ipv6_src"), ip6("ipv6_dst"), `ipv6_label=0x${words.pick(["0", "5", "12345"])}`, `nw_tos=${words.pick(["0", "16"])}`,
    `nw_ttl=${words.pick(["1", "2", "64"])}`, `nw_ecn=${words.below(4)}`,
  ]; // prettier-ignore
  const ports = [`tp_src=${words.pick(L4)}`, `tp_dst=${words.pick(L4)}`];
  switch (protocol) {
    case "ip":
      return [...v4, `nw_proto=${words.pick(["1", "6", "17", "47", "132"])}`];
    case "ipv6":
      return [...v6, `nw_proto=${words.pick(["58", "6", "17", "0", "59"])}`];
    case "tcp":
      return [...v4, ...ports, `tcp_flags=${words.pick(["0x002", "0x010", "0x012", "0x001"])}`];
    case "tcp6":
      return [...v6, ...ports];
    case "udp":
    case "sctp":
      return [...v4, ...ports];
    case "udp6":
    case "sctp6":
      return [...v6, ...ports];
    case "icmp":
      return [...v4, `icmp_type=${words.pick(["0", "8", "3"])}`, `icmp_code=${words.below(3)}`];
    case "icmp6":
      return [...v6, `icmp_type=${words.pick(["128", "129", "1"])}`, `icmp_code=${words.below(2)}`];
    case "nd":
      return [...v6, ip6("nd_target"), `nd_sll=${words.pick(MACS)}`];
    case "arp":
    case "rarp":
      return [
        `arp_op=${words.pick(["1", "2", "3"])}`, ip("arp_spa"), ip("arp_tpa"), `arp_sha=${words.pick(MACS)}`,
        `arp_tha=${words.pick(MACS)}`,
      ]; // prettier-ignore
    case "mpls":
    case "mplsm":
      return [
        `mpls_label=${words.pick(["0", "3", "100", "1048575"])}`, `mpls_tc=${words.below(8)}`,
        `mpls_bos=${words.below(2)}`, `mpls_ttl=${words.pick(["1", "64"])}`,
      ]; // prettier-ignore
    default:
      return [];
  }
}

function layer2(words: Words): string[] {
  return [`dl_src=${words.pick(MACS)}`, `dl_dst=${words.pick(MACS)}`];
}

function tag(words: Words): string[] {
  const vid = words.pick(["1", "10", "100", "4095"]);
  return words.pick<readonly string[]>([
    [],
    [],
    [`dl_vlan=${vid}`],
    [`dl_vlan=${vid}`, `dl_vlan_pcp=${words.below(8)}`],
    ["vlan_tci=0"],
    [`vlan_tci=0x1${words.pick(["00a", "064"])}`],
  ]) as string[];
}

/** A packet for ofproto/trace. */
export function packet(words: Words): string {
  const protocol = words.pick(PROTOCOLS);
  const port = words.pick([...PORTS, "LOCAL", "p1", "9"]);
  const fields = [
    `in_port=${port}`,
    ...protocolWords(protocol, words),
    ...(words.chance(85) ? layer2(words) : []),
    ...tag(words),
    ...words.some(fieldsOf(protocol, words), 6),
  ];
  if (words.chance(10)) fields.push(`${words.pick(REGISTERS)}=${words.below(4)}`);
  if (words.chance(6)) fields.push(`tun_id=${words.below(4)}`);
  if (words.chance(6)) fields.push(`pkt_mark=${words.below(4)}`);
  if (words.chance(6)) fields.push(`metadata=${words.below(4)}`);
  if (words.chance(6)) fields.push(`ip_frag=${words.pick(["first", "later", "no"])}`);
  if (words.chance(4)) fields.push(`ct_state=${words.pick(["trk|new", "trk|est", "trk|est|rpl"])}`);
  return fields.join(",");
}

/** A value with a mask, in the place of a value. */
function masked(field: string, words: Words): string {
  const [name = "", value = ""] = field.split("=");
  if (/^(nw_src|nw_dst|arp_spa|arp_tpa)$/.test(name))
    return `${name}=${value}/${words.pick(["8", "16", "24", "30", "255.0.255.0", "0"])}`;
  if (/^ipv6_(src|dst)$|^nd_target$/.test(name))
    return `${name}=${value}/${words.pick(["16", "64", "127", "ffff::ffff"])}`;
  if (/^(dl|arp)_[a-z]+$/.test(name) && value.includes(":"))
    return `${name}=${value}/${words.pick(["01:00:00:00:00:00", "ff:ff:ff:00:00:00", "00:00:00:00:00:ff"])}`;
  if (/^tp_(src|dst)$/.test(name)) return `${name}=${value}/${words.pick(["0xfff0", "0xff00", "0x1"])}`;
  if (name === "vlan_tci") return `${name}=${value}/${words.pick(["0x1000", "0x1fff", "0x0fff", "0xe000"])}`;
  if (name === "tcp_flags")
    return words.pick(["tcp_flags=+syn-ack", "tcp_flags=0x002/0x012", "tcp_flags=+ack"]);
  if (name === "ipv6_label") return `${name}=${value}/0xf`;
  return field;
}

function match(words: Words): string[] {
  const protocol = words.pick(PROTOCOLS);
  const chosen = [
    ...words.some(fieldsOf(protocol, words), 3),
    ...words.some(layer2(words), 1),
    ...(words.chance(30) ? tag(words) : []),
  ].map((field) => (words.chance(35) ? masked(field, words) : field));
  const fields = [...protocolWords(protocol, words), ...chosen];
  if (words.chance(25)) fields.unshift(`in_port=${words.pick([...PORTS, "LOCAL"])}`);
  if (words.chance(10)) fields.push(`${words.pick(REGISTERS)}=${words.pick(["0", "1", "0x2/0xf", "3"])}`);
  if (words.chance(6)) fields.push(`metadata=${words.pick(["0", "1", "0x5/0xff"])}`);
  if (words.chance(4)) fields.push(`xreg0=${words.pick(["0", "0x100000000/0xffffffff00000000"])}`);
  if (words.chance(4)) fields.push(`tun_id=${words.pick(["0", "1", "0x1/0x3"])}`);
  if (words.chance(4)) fields.push(`pkt_mark=${words.pick(["0", "1", "0x1/0x3"])}`);
  if (words.chance(4)) fields.push(`conj_id=${1 + words.below(3)}`);
  if (words.chance(4)) fields.push(`ip_frag=${words.pick(["no", "yes", "first", "later", "not_later"])}`);
  if (words.chance(3))
    fields.push(`ct_state=${words.pick(["-trk", "+trk", "+trk+new", "+trk+est", "+trk-rpl"])}`);
  if (words.chance(2)) fields.push(`actset_output=${words.pick(["1", "unset"])}`);
  return fields;
}

export const TABLES = ["0", "1", "2", "3", "10"];

function setField(words: Words): string {
  const fieldAndValue = words.pick([
    `eth_src:${words.pick(MACS)}`, `eth_dst:${words.pick(MACS)}`, `eth_dst:${words.pick(MACS)}/ff:ff:ff:00:00:00`,
    `ip_src->x`, `${words.pick(IPS)}->ip_src`, `${words.pick(IPS)}->ip_dst`, `${words.pick(IP6S)}->ipv6_src`,
    `${words.pick(IP6S)}->ipv6_dst`, `${words.pick(L4)}->tcp_src`, `${words.pick(L4)}->tcp_dst`, `${words.pick(L4)}->udp_dst`,
    `${words.pick(L4)}->sctp_src`, `${words.below(70)}->ip_dscp`, `${words.below(4)}->nw_ecn`, `${words.below(256)}->nw_ttl`,
    `${words.below(4200)}->vlan_vid`, `${words.below(8)}->vlan_pcp`, `${words.below(10)}->mpls_tc`, `${words.below(1048576)}->mpls_label`,
    `${words.below(5)}->${words.pick(REGISTERS)}`, `0x${words.hex(2)}/0xff->${words.pick(REGISTERS)}`, `${words.below(5)}->metadata`,
    `${words.below(5)}->tun_id`, `${words.below(5)}->pkt_mark`, `${words.pick(IPS)}->arp_spa`, `${words.pick(MACS)}->arp_sha`,
    `2->arp_op`, `${words.pick(IP6S)}->nd_target`, `0x${words.hex(16)}->xreg1`, `0x${words.hex(32)}->xxreg0`,
    `${words.below(256)}->icmp_type`, `${words.below(5)}->ct_mark`, `0x1->in_port`,
  ]); // prettier-ignore
  if (fieldAndValue.includes("->")) return `set_field:${fieldAndValue}`;
  const [name = "", ...value] = fieldAndValue.split(":");
  return `set_field:${value.join(":")}->${name}`;
}

const SUBFIELDS = [
  "NXM_NX_REG0[]", "NXM_NX_REG1[0..15]", "NXM_NX_REG2[3]", "NXM_OF_ETH_SRC[]", "NXM_OF_ETH_DST[]", "NXM_OF_IP_SRC[]",
  "NXM_OF_IP_DST[]", "NXM_OF_VLAN_TCI[0..11]", "NXM_OF_IN_PORT[]", "NXM_OF_TCP_DST[]", "NXM_OF_UDP_SRC[]", "OXM_OF_METADATA[0..31]",
  "NXM_NX_TUN_ID[0..31]", "NXM_NX_PKT_MARK[]", "NXM_OF_ARP_SPA[]", "NXM_NX_ARP_SHA[]", "NXM_NX_IPV6_SRC[0..31]", "reg5[]",
  "NXM_OF_ETH_TYPE[]", "NXM_NX_XXREG0[96..127]", "OXM_OF_PKT_REG0[0..15]",
]; // prettier-ignore

function learnSpecs(words: Words): string {
  const specs = words.some(
    [
      "NXM_OF_VLAN_TCI[0..11]", "NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]", "eth_type=0x800", "NXM_OF_IP_DST[]=NXM_OF_IP_SRC[]",
      "output:NXM_OF_IN_PORT[]", "load:NXM_OF_IN_PORT[]->NXM_NX_REG0[0..15]", "load:0x5->NXM_NX_REG1[]", "reg2=0x7",
      "NXM_OF_ETH_SRC[]", "nw_proto=6",
    ],
    4,
  ); // prettier-ignore
  const head = words.some(
    [
      `table=${words.pick(TABLES)}`, "idle_timeout=10", "hard_timeout=20", "priority=77", "cookie=0x5", "send_flow_rem",
      "delete_learned", "limit=2", "fin_idle_timeout=2", "result_dst=reg3[0]",
    ],
    3,
  ); // prettier-ignore
  return [...head, ...specs].join(",");
}

function action(words: Words, depth: number): string {
  const port = words.pick([...PORTS, "LOCAL", "IN_PORT", "7"]);
  const table = words.pick(TABLES);
  const simple: readonly (() => string)[] = [
    () => `output:${port}`, () => `output:${port}`, () => port, () => "NORMAL", () => "FLOOD", () => "ALL", () => "IN_PORT",
    () => "LOCAL", () => words.pick(["CONTROLLER", "CONTROLLER:65535", "CONTROLLER:20", "controller(reason=action,max_len=30)",
      "controller(userdata=01.02.03,id=5)", "controller(pause)", "controller(reason=invalid_ttl,meter_id=1)"]),
    () => "drop",
    () => `resubmit(,${table})`, () => `resubmit(,${table})`, () => `resubmit(${port},${table})`, () => `resubmit:${words.pick(PORTS)}`,
    () => `resubmit(,${table},ct)`,
    () => `output:${words.pick(["NXM_NX_REG0[]", "NXM_NX_REG1[0..15]", "reg5[]"])}`,
    () => `output(port=${words.pick(PORTS)},max_len=${words.pick(["64", "100", "14"])})`,
    () => setField(words), () => setField(words), () => setField(words),
    () => `load:${words.below(5)}->${words.pick(SUBFIELDS)}`,
    () => `load:0x${words.hex(3)}->${words.pick(SUBFIELDS)}`,
    () => `move:${words.pick(SUBFIELDS)}->${words.pick(SUBFIELDS)}`,
    () => `push:${words.pick(SUBFIELDS)}`, () => `pop:${words.pick(SUBFIELDS)}`,
    () => `push_vlan:${words.pick(["0x8100", "0x88a8", "0x9100"])}`, () => words.pick(["pop_vlan", "strip_vlan"]),
    () => `mod_vlan_vid:${words.below(4096)}`, () => `mod_vlan_pcp:${words.below(8)}`,
    () => `mod_dl_src:${words.pick(MACS)}`, () => `mod_dl_dst:${words.pick(MACS)}`,
    () => `mod_nw_src:${words.pick(IPS)}`, () => `mod_nw_dst:${words.pick(IPS)}`, () => `mod_nw_tos:${words.pick(["0", "16", "5"])}`,
    () => `mod_nw_ecn:${words.below(4)}`, () => `mod_nw_ttl:${words.below(256)}`,
    () => `mod_tp_src:${words.pick(L4)}`, () => `mod_tp_dst:${words.pick(L4)}`,
    () => "dec_ttl", () => "dec_ttl(1,2)", () => "dec_mpls_ttl", () => `set_mpls_ttl:${words.below(256)}`,
    () => `push_mpls:${words.pick(["0x8847", "0x8848"])}`, () => `pop_mpls:${words.pick(["0x0800", "0x86dd", "0x8847", "0x1234"])}`,
    () => `set_mpls_label:${words.below(2000)}`, () => `set_mpls_tc:${words.below(8)}`,
    () => `note:${words.hex(2)}.${words.hex(2)}`, () => "exit", () => "exit",
    () => `conjunction(${1 + words.below(3)},${1 + words.below(2)}/2)`,
    () => `group:${1 + words.below(4)}`, () => `group:${1 + words.below(4)}`, () => `meter:${1 + words.below(2)}`,
    () => `set_queue:${words.below(3)}`, () => "pop_queue", () => `enqueue:${words.pick(PORTS)}:${words.below(3)}`,
    () => `set_tunnel:${words.below(9)}`, () => `set_tunnel64:0x${words.hex(10)}`,
    () => `learn(${learnSpecs(words)})`, () => `learn(${learnSpecs(words)})`,
    () => `multipath(${words.pick(["eth_src", "symmetric_l4", "symmetric_l3l4+udp", "nw_src", "symmetric_l3"])},${words.below(100)},${words.pick(["modulo_n", "hash_threshold", "hrw", "iter_hash"])},4,0,NXM_NX_REG0[])`,
    () => `bundle(${words.pick(["eth_src", "symmetric_l4", "nw_dst"])},${words.below(60)},${words.pick(["hrw", "active_backup"])},ofport,${words.pick(["slaves", "members"])}:1,2,3)`,
    () => `bundle_load(eth_src,0,hrw,ofport,NXM_NX_REG1[],members:${words.some(PORTS, 3).join(",")})`,
    () => "fin_timeout(idle_timeout=5,hard_timeout=9)",
    () => `sample(probability=${words.pick(["1", "100", "65535"])},collector_set_id=1,obs_domain_id=2,obs_point_id=3)`,
    () => `check_pkt_larger(${words.pick(["100", "1500"])})->NXM_NX_REG0[0]`,
    () => "ct_clear", () => `ct(${words.some(["commit", `table=${table}`, `zone=${words.below(5)}`, "force", "nat", "alg=ftp", "exec(set_field:1->ct_mark)"], 3).join(",")})`,
    () => `delete_field:${words.pick(["reg0", "metadata"])}`,
    () => "set_nw_ttl:5",
    () => "encap(nsh)", () => "decap()", () => "dec_nsh_ttl", () => "encap(ethernet)",
  ]; // prettier-ignore
  if (depth < 2 && words.chance(7)) return `clone(${actionList(words, depth + 1)})`;
  return words.pick(simple)();
}

function actionList(words: Words, depth: number): string {
  return Array.from({ length: 1 + words.below(4) }, () => action(words, depth)).join(",");
}

/** Actions in the order that instructions are to have, where it can be. */
export function instructions(words: Words): string {
  const parts: string[] = [];
  if (words.chance(5)) parts.push(`meter:${1 + words.below(2)}`);
  if (words.chance(80)) parts.push(actionList(words, 0));
  if (words.chance(8)) parts.push("clear_actions");
  if (words.chance(20)) parts.push(`write_actions(${actionList(words, 1)})`);
  if (words.chance(10)) parts.push(`write_metadata:0x${words.hex(2)}${words.pick(["", "/0xff", "/0x0f"])}`);
  if (words.chance(30)) parts.push(`goto_table:${words.pick(TABLES)}`);
  return parts.length === 0 ? "drop" : parts.join(",");
}

export function flow(words: Words): string {
  const head = [
    `table=${words.pick(["0", "0", "0", ...TABLES])}`,
    ...(words.chance(80) ? [`priority=${words.pick(["0", "1", "10", "100", "32768", "65535"])}`] : []),
    ...(words.chance(15) ? [`cookie=0x${words.hex(2)}`] : []),
    ...(words.chance(5) ? [words.pick(["idle_timeout=60", "hard_timeout=600", "send_flow_rem", "check_overlap", "reset_counts", "importance=5", "no_packet_counts"])] : []),
  ]; // prettier-ignore
  return [...head, ...match(words), `actions=${instructions(words)}`].join(",");
}

export function group(words: Words, id: number): string {
  const type = words.pick(["all", "select", "indirect", "ff", "fast_failover"]);
  const count = type === "indirect" ? 1 : 1 + words.below(3);
  const buckets = Array.from({ length: count }, () => {
    const head: string[] = [];
    if (type === "select" && words.chance(60)) head.push(`weight:${words.pick(["0", "1", "100"])}`);
    if (type.startsWith("f")) head.push(`watch_port:${words.pick(PORTS)}`);
    return `bucket=${[...head, `actions=${actionList(words, 1)}`].join(",")}`;
  });
  const method = type === "select" && words.chance(50) ? ",selection_method=hash,fields(eth_dst,ip_dst)" : "";
  return `group_id=${id},type=${type}${method},${buckets.join(",")}`;
}
